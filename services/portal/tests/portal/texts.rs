//! The API's phrases for the pages: every text of a violation that a form can have, in each
//! language, with a place for what differs.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sportello_catalogue::Benefit;
use sportello_domain::{Language, Text};

use crate::api::{self, EVERY_KEYWORD};

/// The committed files, one a language, which the scripts of the pages contain.
const FOLDER: &str = "web/src/texts/violations";

#[test]
fn the_pages_have_the_phrases_of_the_api() {
    let phrases = phrases();
    for language in Language::ALL {
        let said = phrases
            .iter()
            .map(|(phrase, text)| (phrase.clone(), json!(text.in_language(language))));
        let file = format!("{FOLDER}/{}.json", language.tag());
        let said = serde_json::to_string_pretty(&Value::Object(said.collect())).unwrap();
        api::assert_fresh(&file, &format!("{said}\n"));
    }
}

/// Where a value goes that brings out a phrase: the phrase's name, the field, the value, and what
/// stands in the text for the place that differs.
type Case = (
    &'static str,
    &'static str,
    Value,
    Option<(&'static str, &'static str)>,
);

fn phrases() -> BTreeMap<String, Text> {
    let benefit = Benefit::parse(EVERY_KEYWORD).unwrap();
    let cases = of_form().into_iter().chain(of_codes()).chain(of_contacts());
    cases
        .map(|(phrase, field, value, place)| {
            let text = text_of(&benefit, phrase, field, &value);
            (phrase.to_owned(), with_place(&text, place))
        })
        .collect()
}

/// Returns the text of the violation that a value in place of the example's causes.
fn text_of(benefit: &Benefit, phrase: &str, pointer: &str, value: &Value) -> Text {
    let mut application = benefit.example();
    set(&mut application, pointer, value);
    let code = phrase.split('/').next().unwrap();
    let found = api::violations(benefit, &application);
    let told = found.iter().find(|violation| violation.code == code);
    told.unwrap_or_else(|| panic!("{pointer} = {value} is not {code}: {found:?}"))
        .message
        .clone()
}

fn set(application: &mut Value, pointer: &str, value: &Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = application.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name);
    } else {
        parent.insert(name.to_owned(), value.clone());
    }
}

/// Puts `{…}` where the limit or the position stands.
fn with_place(text: &Text, place: Option<(&str, &str)>) -> Text {
    let Some((stands, name)) = place else {
        return text.clone();
    };
    let replaced = |text: &str| {
        let (before, after) = text
            .split_once(stands)
            .unwrap_or_else(|| panic!("{text}: no {stands}"));
        // the labels differ by language, and they stand at the end
        let after = if name == "choices" { "" } else { after };
        format!("{before}{{{name}}}{after}")
    };
    Text::of(replaced(&text.it), replaced(&text.en), replaced(&text.de))
}

fn of_form() -> Vec<Case> {
    const LIMIT: Option<(&str, &str)> = Some(("7", "limit"));
    const ONE: Option<(&str, &str)> = Some(("1", "limit"));
    vec![
        ("required", "/answers/word", Value::Null, None),
        ("unknown_field", "/answers/stray", json!(1), None),
        ("type/string", "/answers/chosen", json!(1), None),
        ("type/number", "/answers/least", json!("x"), None),
        ("type/integer", "/answers/step", json!(1.5), None),
        ("type/boolean", "/answers/asked", json!("x"), None),
        ("type/array", "/answers/few_one", json!("x"), None),
        ("type/object", "/answers/group", json!("x"), None),
        ("must_be_confirmed", "/answers/confirmed", json!(false), None),
        ("const", "/answers/word", json!("x"), Some(("seven", "limit"))),
        ("too_short/one", "/answers/short_one", json!(""), ONE),
        ("too_short/other", "/answers/short_seven", json!("x"), LIMIT),
        ("too_long/one", "/answers/long_one", json!("xx"), ONE),
        ("too_long/other", "/answers/long_seven", json!("xxxxxxxx"), LIMIT),
        ("pattern", "/answers/shaped", json!("x"), None),
        ("too_small", "/answers/least", json!(6), LIMIT),
        ("too_large", "/answers/greatest", json!(8), LIMIT),
        ("multiple_of", "/answers/step", json!(8), LIMIT),
        ("multiple_of/cents", "/answers/cents", json!(0.001), None),
        ("too_few/one", "/answers/few_one", json!([]), ONE),
        ("too_few/other", "/answers/few_seven", json!([1]), LIMIT),
        ("too_many/one", "/answers/many_one", json!(["x", "x"]), ONE),
        (
            "too_many/other",
            "/answers/many_seven",
            json!(vec!["x"; 8]),
            LIMIT,
        ),
        (
            "not_unique",
            "/answers/few_seven",
            json!([1, 1, 3, 4, 5, 6, 7]),
            None,
        ),
        ("nul_character", "/answers/word", json!("\0"), None),
        (
            "not_allowed",
            "/answers/chosen",
            json!("x"),
            Some(("one (", "choices")),
        ),
    ]
}

fn of_codes() -> Vec<Case> {
    const TAX: &str = "/answers/group/tax_code";
    const VAT: &str = "/answers/group/vat_number";
    const IBAN: &str = "/answers/group/iban";
    vec![
        ("tax_code_length", TAX, json!("x"), None),
        (
            "tax_code_character",
            TAX,
            json!("RSSMRAX0A01H501U"),
            Some(("7", "position")),
        ),
        ("tax_code_family_name", TAX, json!("ABCMRA80A01H501U"), None),
        ("tax_code_given_name", TAX, json!("RSSABC80A01H501U"), None),
        ("tax_code_month", TAX, json!("RSSMRA80F01H501U"), None),
        ("tax_code_day", TAX, json!("RSSMRA80A32H501U"), None),
        ("tax_code_check_character", TAX, json!("RSSMRA80A01H501A"), None),
        ("vat_number_length", VAT, json!("1"), None),
        (
            "vat_number_character",
            VAT,
            json!("123456x0157"),
            Some(("7", "position")),
        ),
        ("vat_number_holder", VAT, json!("00000000157"), None),
        ("vat_number_office", VAT, json!("12345671307"), None),
        ("vat_number_check_digit", VAT, json!("12345670158"), None),
        ("iban_format", IBAN, json!("x"), None),
        (
            "iban_check_digits",
            IBAN,
            json!("IT61X0542811101000000123456"),
            None,
        ),
        ("iban_country", IBAN, json!("XX67123"), None),
        ("iban_cin", IBAN, json!("IT64Y0542811101000000123456"), None),
    ]
}

fn of_contacts() -> Vec<Case> {
    vec![
        ("date", "/answers/group/day", json!("x"), None),
        ("name", "/answers/group/name", json!("1"), None),
        ("email", "/answers/group/email", json!("x"), None),
        ("phone", "/answers/group/phone", json!("x"), None),
        ("birth_date", "/applicant/birth_date", json!("x"), None),
    ]
}
