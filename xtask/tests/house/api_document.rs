//! The committed OpenAPI documents keep to the interoperability model's rules for what comes in and
//! goes out.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn documents() -> [Value; 2] {
    ["intake", "status"].map(|service| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api");
        serde_json::from_slice(&fs::read(folder.join(format!("{service}.json"))).unwrap()).unwrap()
    })
}

/// Calls `visit` with every object that may be a schema, and where it stands.
fn schemas(value: &Value, pointer: &str, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(pointer, object);
            for (key, value) in object {
                if !matches!(key.as_str(), "const" | "enum" | "example" | "examples") {
                    schemas(value, &format!("{pointer}/{key}"), visit);
                }
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                schemas(value, &format!("{pointer}/{index}"), visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a schema of this type must say: one word of each list.
fn bounds(schema: &Map<String, Value>) -> &'static [&'static [&'static str]] {
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => match schema.get("format").and_then(Value::as_str) {
            Some("date" | "date-time") => &[],
            _ => &[&["enum", "const", "maxLength"]],
        },
        Some("integer" | "number") => &[&["format"], &["minimum"], &["maximum"]],
        Some("array") => &[&["items"], &["minItems"], &["maxItems"]],
        Some("object") => match schema.get("additionalProperties") {
            Some(Value::Object(_)) => &[&["maxProperties"]],
            _ => &[&["properties"], &["additionalProperties"]],
        },
        _ => &[],
    }
}

#[test]
fn whatever_comes_in_or_goes_out_is_bounded() {
    let mut unbounded: Vec<String> = Vec::new();
    for document in documents() {
        schemas(&document, "", &mut |pointer, schema| {
            for words in bounds(schema) {
                if !words.iter().any(|word| schema.contains_key(*word)) {
                    unbounded.push(format!("{pointer}: none of {words:?}"));
                }
            }
            if schema.get("additionalProperties") == Some(&json!(true)) {
                unbounded.push(format!("{pointer}: any field"));
            }
        });
    }
    assert_eq!(unbounded, [""; 0]);
}

/// Each operation with its address.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                operations.push((format!("{method} {path}"), operation));
            }
        }
    }
    operations
}

/// The answer itself, where it is among the components.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => value,
    }
}

#[test]
fn every_operation_says_what_it_does_and_what_it_is_about() {
    for document in documents() {
        assert_eq!(document["security"], json!([{ "bearer": [] }]));
        assert!(document["info"]["x-summary"].as_str().unwrap().len() < 80);
        let mut ids = BTreeSet::new();
        for (operation, details) in operations(&document) {
            let id = details["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{operation}: {id} is there twice");
            let verb = id.split('_').next().unwrap();
            assert!(!METHODS.contains(&verb), "{operation}: {id} names the method");
            for text in ["summary", "description"] {
                let text = details[text].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{operation}");
            }
            let mut tags = document["tags"].as_array().unwrap().iter();
            assert!(tags.any(|tag| tag["name"] == details["tags"][0]), "{operation}");
        }
    }
}

#[test]
fn every_error_is_a_problem_document() {
    for document in documents() {
        for (operation, details) in operations(&document) {
            let answers = details["responses"].as_object().unwrap();
            for status in ["429", "503", "default"] {
                assert!(answers.contains_key(status), "{operation} {status}");
            }
            let public = details["security"] == json!([{}]);
            assert_eq!(answers.contains_key("401"), !public, "{operation}");
            for (status, answer) in answers {
                let answer = resolved(&document, answer);
                let problem = answer["content"].get("application/problem+json").is_some();
                assert!(problem || status.starts_with(['2', '3']), "{operation} {status}");
            }
        }
    }
}

#[test]
fn every_answer_tells_its_rate_limit_and_every_good_one_its_caching() {
    for document in documents() {
        for (operation, details) in operations(&document) {
            for (status, answer) in details["responses"].as_object().unwrap() {
                let headers = &resolved(&document, answer)["headers"];
                let needed: &[&str] = match status.as_bytes() {
                    b"429" => &[
                        "Retry-After",
                        "RateLimit-Limit",
                        "RateLimit-Remaining",
                        "RateLimit-Reset",
                    ],
                    [b'2', ..] => &[
                        "Cache-Control",
                        "RateLimit-Limit",
                        "RateLimit-Remaining",
                        "RateLimit-Reset",
                    ],
                    [b'4', ..] => &["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
                    _ => &[],
                };
                for header in needed {
                    assert!(headers[header].is_object(), "{operation} {status} {header}");
                }
            }
        }
    }
}

#[test]
fn the_page_for_integrators_names_every_call() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/API.md");
    let page = fs::read_to_string(page).unwrap();
    for document in documents() {
        for path in document["paths"].as_object().unwrap().keys() {
            assert!(
                page.contains(&format!("{path}`")),
                "docs/API.md does not name {path}"
            );
        }
    }
}
