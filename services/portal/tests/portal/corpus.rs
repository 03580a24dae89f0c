//! Examples spoilt in many ways, with what the API finds wrong with each: the pages' own checker is
//! held against it (`web/tests/unit/differential.test.ts`).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sportello_catalogue::Benefit;
use sportello_domain::{CategoryId, Language, Violation};

use crate::api;
use crate::spoil::{self, Change};

const FILE: &str = "web/tests/unit/corpus.ndjson";

#[test]
fn the_corpus_says_what_the_api_finds() {
    let mut lines = String::new();
    // several categories may have the same form
    let mut written = BTreeSet::new();
    for benefit in api::benefits() {
        for (category, schema) in benefit.forms() {
            if !written.insert(schema.to_string()) {
                continue;
            }
            write_form(&mut lines, &benefit, category, schema);
        }
    }
    api::assert_fresh(FILE, &lines);
}

/// Writes a line for the form, and one for each example that was spoilt.
fn write_form(lines: &mut String, benefit: &Benefit, category: Option<&CategoryId>, schema: &Value) {
    let mut example = benefit.example();
    if let Some(category) = category {
        example["category"] = json!(category);
    }
    let form = json!({
        "required_of_applicant": benefit.required_of_applicant().collect::<Vec<_>>(),
        "schema": without_labels(schema),
        "example": example,
    });
    writeln!(lines, "{form}").unwrap();
    let thorough = benefit.id().as_str() == api::EVERY_KEYWORD_ID;
    for (turn, change) in spoil::changes(&example, schema, thorough).iter().enumerate() {
        writeln!(lines, "{}", judged(benefit, &example, change, turn)).unwrap();
    }
}

/// The languages take turns: all of them would make the file three times as long.
fn judged(benefit: &Benefit, example: &Value, change: &Change, turn: usize) -> Value {
    let mut application = example.clone();
    change.apply(&mut application);
    let language = Language::ALL[turn % 3];
    let mut found: Vec<_> = api::violations(benefit, &application)
        .into_iter()
        .map(|violation| told(violation, language))
        .collect();
    found.sort_unstable();
    let mut line = json!({ "at": change.pointer, "in": language.tag(), "found": found });
    if let Some(value) = &change.value {
        line["to"] = value.clone();
    }
    line
}

fn told(violation: Violation, language: Language) -> [String; 3] {
    let told = violation.localised(language);
    [told.pointer.to_string(), told.code.into_owned(), told.message]
}

/// The form without what people read, but for the labels that violations repeat.
fn without_labels(schema: &Value) -> Value {
    match schema {
        Value::Object(keywords) => keywords
            .iter()
            .filter(|(name, value)| !(matches!(name.as_str(), "label" | "help") && value["it"].is_string()))
            .map(|(name, value)| (name.clone(), without_labels(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            schema.clone()
        }
    }
}
