#![allow(clippy::too_many_lines, reason = "tables of cases")]

use std::collections::BTreeSet;
use std::fmt::Display;

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;
use sportello_domain::Language;

use super::*;

fn label() -> Value {
    json!({ "it": "etichetta", "en": "label", "de": "Bezeichnung" })
}

/// A field of these keywords with a label.
fn field(mut keywords: Value) -> Value {
    keywords["label"] = label();
    keywords
}

fn form(properties: Value) -> Value {
    json!({ "properties": properties })
}

fn compiled(schema: Value) -> Form {
    Form::compile(schema).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn told(form: &Form, answers: &Value) -> Vec<(String, String)> {
    form.violations(answers)
        .into_iter()
        .map(|violation| (violation.pointer.to_string(), violation.code.into_owned()))
        .collect()
}

/// Every kind of field, its keywords, and a value that fits.
fn everything() -> Form {
    let colours = json!({ "red": label(), "green": label() });
    compiled(json!({
        "required": ["name", "confirmed"],
        "dependentRequired": { "phone": ["email"] },
        "if": { "required": ["colour"], "properties": { "colour": { "const": "red" } } },
        "then": { "required": ["shade"], "properties": { "amount": { "maximum": 50 } } },
        "else": { "properties": { "amount": { "minimum": 20 } } },
        "properties": {
            "name": field(json!({ "type": "string", "minLength": 2, "maxLength": 5 })),
            "confirmed": field(json!({ "type": "boolean", "const": true })),
            "fixed": field(json!({ "type": "string", "const": "2020" })),
            "frame": field(json!({ "type": "string", "maxLength": 9, "pattern": "^[A-Z]{3}$" })),
            "plate": field(json!({
                "type": "string", "maxLength": 9, "pattern": "^[A-Z]{2}[0-9]{3}[A-Z]{2}$",
                "pattern_message": {
                    "it": "la targa è fatta così: AB123CD",
                    "en": "a plate looks like this: AB123CD",
                    "de": "ein Kennzeichen sieht so aus: AB123CD",
                },
            })),
            "colour": field(json!({ "type": "string", "enum": ["red", "green"], "enum_labels": colours })),
            "shade": field(json!({ "type": "string", "maxLength": 9 })),
            "amount": field(json!({ "type": "number", "minimum": 10, "maximum": 99.5, "multipleOf": 0.5 })),
            "count": field(json!({ "type": "integer", "minimum": 0, "maximum": 9 })),
            "born": field(json!({ "type": "string", "format": "date" })),
            "email": field(json!({ "type": "string", "format": "email" })),
            "given": field(json!({ "type": "string", "format": "given-name" })),
            "family": field(json!({ "type": "string", "format": "family-name" })),
            "phone": field(json!({ "type": "string", "format": "phone" })),
            "iban": field(json!({ "type": "string", "format": "iban" })),
            "vat": field(json!({ "type": "string", "format": "vat-number" })),
            "children": field(json!({
                "type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": true,
                "items": {
                    "type": "object", "required": ["tax_code"],
                    "properties": { "tax_code": field(json!({ "type": "string", "format": "tax-code" })) },
                },
            })),
        },
    }))
}

fn valid() -> Value {
    json!({
        "name": "Anna", "confirmed": true, "colour": "red", "shade": "dark", "amount": 20.5,
        "children": [{ "tax_code": "RSSMRA80A01H501U" }],
    })
}

#[test]
fn answers_that_fit_have_no_violation() {
    let form = everything();
    assert_eq!(told(&form, &valid()), []);
    let more = json!({
        "name": "Anna", "confirmed": true, "fixed": "2020", "frame": "ABC", "colour": "green",
        "amount": 30, "count": 9.0, "born": "2020-02-29", "email": "anna@example.org", "phone": "+39 06 1234567",
        "iban": "IT60X0542811101000000123456", "vat": "12345670157",
    });
    assert_eq!(told(&form, &more), []);
}

/// Each answer that does not fit: its place and value, the pointer and the code of the violation.
fn wrong_answers() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    vec![
        ("/name", json!("A"), "/answers/name", "too_short"),
        ("/name", json!("Annamaria"), "/answers/name", "too_long"),
        ("/name", json!(42), "/answers/name", "type"),
        ("/name", json!(null), "/answers/name", "type"),
        (
            "/confirmed",
            json!(false),
            "/answers/confirmed",
            "must_be_confirmed",
        ),
        ("/fixed", json!("2021"), "/answers/fixed", "const"),
        ("/frame", json!("abc"), "/answers/frame", "pattern"),
        ("/plate", json!("123"), "/answers/plate", "pattern"),
        ("/colour", json!("blue"), "/answers/colour", "not_allowed"),
        ("/amount", json!(9.5), "/answers/amount", "too_small"),
        ("/amount", json!(100), "/answers/amount", "too_large"),
        ("/amount", json!(20.3), "/answers/amount", "multiple_of"),
        ("/amount", json!("20"), "/answers/amount", "type"),
        ("/count", json!(1.5), "/answers/count", "type"),
        ("/count", json!(-1), "/answers/count", "too_small"),
        ("/born", json!("2021-02-29"), "/answers/born", "date"),
        ("/born", json!("2020-02-29T00:00:00Z"), "/answers/born", "date"),
        ("/born", json!("20200229"), "/answers/born", "date"),
        ("/email", json!("anna"), "/answers/email", "email"),
        ("/email", json!("a..b@example.org"), "/answers/email", "email"),
        ("/given", json!("  "), "/answers/given", "name"),
        ("/given", json!("An\nna"), "/answers/given", "name"),
        ("/family", json!("12"), "/answers/family", "name"),
        (
            "/iban",
            json!("IT64Y0542811101000000123456"),
            "/answers/iban",
            "iban_cin",
        ),
        (
            "/vat",
            json!("12345670158"),
            "/answers/vat",
            "vat_number_check_digit",
        ),
        ("/children", json!([]), "/answers/children", "too_few"),
        ("/children", json!("none"), "/answers/children", "type"),
        (
            "/children/0",
            json!({}),
            "/answers/children/0/tax_code",
            "required",
        ),
        ("/children/0", json!(1), "/answers/children/0", "type"),
        (
            "/children/0/tax_code",
            json!("RSSMRA80A01H501X"),
            "/answers/children/0/tax_code",
            "tax_code_check_character",
        ),
        (
            "/children/0/a~1~0b",
            json!(1),
            "/answers/children/0/a~1~0b",
            "unknown_field",
        ),
        ("/shoe_size", json!(1), "/answers/shoe_size", "unknown_field"),
        // a condition's own
        ("/amount", json!(51), "/answers/amount", "too_large"),
        ("/phone", json!("061234567"), "/answers/email", "required"),
    ]
}

/// Answers that fit, but for the value at this place.
fn with(place: &str, value: &Value) -> Value {
    let mut answers = valid();
    let (parent, name) = place.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    match answers.pointer_mut(parent).unwrap() {
        Value::Array(list) => list[0] = value.clone(),
        Value::Object(object) => {
            object.insert(name, value.clone());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => unreachable!(),
    }
    answers
}

#[test]
fn each_violation_has_its_pointer_and_code() {
    let form = everything();
    for (place, value, pointer, code) in wrong_answers() {
        let mut told = told(&form, &with(place, &value));
        // `red` and another condition may be told as well where the colour is changed
        told.retain(|(at, _)| at != "/answers/shade");
        assert_eq!(told, [(pointer.to_owned(), code.to_owned())], "{place} {value}");
    }
}

#[test]
fn too_many_and_equal_elements_are_reported() {
    let child = json!({ "tax_code": "RSSMRA80A01H501U" });
    let mut answers = valid();
    answers["children"] = json!([child, child, child]);
    assert_eq!(
        told(&everything(), &answers),
        [
            ("/answers/children".to_owned(), "too_many".to_owned()),
            ("/answers/children".to_owned(), "not_unique".to_owned()),
        ]
    );
}

#[test]
fn every_violation_is_reported_at_once() {
    let answers = json!({
        "colour": "green", "amount": 15, "shoe_size": 42, "hat": 1,
        "children": [{ "tax_code": "X" }, { "name": "Y" }],
    });
    let mut told = told(&everything(), &answers);
    told.sort();
    let expected = [
        ("/answers/amount", "too_small"),
        ("/answers/children/0/tax_code", "tax_code_length"),
        ("/answers/children/1/name", "unknown_field"),
        ("/answers/children/1/tax_code", "required"),
        ("/answers/confirmed", "required"),
        ("/answers/hat", "unknown_field"),
        ("/answers/name", "required"),
        ("/answers/shoe_size", "unknown_field"),
    ];
    assert_eq!(
        told,
        expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned()))
    );
}

#[test]
fn nonsense_gets_a_bounded_answer() {
    let answers: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("x{n}"), json!(1))).collect();
    assert_eq!(
        everything().violations(&Value::Object(answers)).len(),
        MOST_VIOLATIONS
    );
}

#[test]
fn messages_name_the_limit_in_three_languages() {
    let form = everything();
    let child = json!({ "tax_code": "RSSMRA80A01H501U" });
    let twins = with("/children", &json!([child, child, child]));
    let wrong = wrong_answers()
        .into_iter()
        .map(|(place, value, ..)| with(place, &value));
    let violations = wrong.chain([twins]).flat_map(|answers| form.violations(&answers));
    let messages: BTreeSet<String> = violations
        .map(|Violation { code, message, .. }| {
            let languages = Language::ALL.map(|language| message.in_language(language));
            format!("{code}\n  {}", languages.join("\n  "))
        })
        .collect();
    assert_snapshot!(Vec::from_iter(messages).join("\n\n"));
}

#[test]
fn messages_never_repeat_what_was_sent() {
    let secret = json!("SECRETSECRET");
    let form = everything();
    for name in [
        "name",
        "confirmed",
        "fixed",
        "frame",
        "plate",
        "colour",
        "amount",
        "count",
        "born",
        "email",
        "phone",
        "iban",
        "vat",
        "children",
    ] {
        for value in [
            secret.clone(),
            json!([secret]),
            json!({ "tax_code": secret }),
            json!([{ "tax_code": secret }]),
        ] {
            let mut answers = valid();
            answers[name] = value;
            let violations = form.violations(&answers);
            assert!(!violations.is_empty(), "{name}");
            for violation in violations {
                for language in Language::ALL {
                    let text = violation.message.in_language(language);
                    assert!(!text.is_empty() && !text.contains("SECRET"), "{name}: {text}");
                }
            }
        }
    }
}

#[test]
fn a_compiled_form_is_closed_but_its_conditions_are_not() {
    let form = everything();
    let closed = |pointer: &str| {
        form.schema()
            .pointer(pointer)
            .unwrap()
            .get("additionalProperties")
            == Some(&json!(false))
    };
    assert!(closed("") && closed("/properties/children/items"));
    assert!(!closed("/if") && !closed("/then") && !closed("/properties/name"));
    assert_eq!(form.schema()["type"], "object");
    let empty = compiled(json!({}));
    assert_eq!(
        told(&empty, &json!({ "a": 1 })),
        [("/answers/a".to_owned(), "unknown_field".to_owned())]
    );
}

/// Returns what was written and the mistake of each schema, with its pointer.
fn sentences<T: Display>(schemas: impl IntoIterator<Item = (T, Value)>) -> String {
    let sentences = schemas.into_iter().map(|(written, schema)| {
        let mistakes = Form::lint(&schema);
        assert_eq!(mistakes.len(), 1, "{written}: {mistakes:#?}");
        let SchemaMistake {
            pointer,
            message,
            advice,
        } = &mistakes[0];
        format!("{written}\n  {pointer}: {message}\n  {advice}")
    });
    sentences.collect::<Vec<_>>().join("\n\n")
}

/// Returns the mistake of each form whose field `a` has these keywords.
fn mistakes_of_field<const N: usize>(cases: [Value; N]) -> String {
    sentences(cases.map(|keywords| (keywords.clone(), form(json!({ "a": field(keywords) })))))
}

#[test]
fn mistakes_of_keywords_are_reported_with_their_place() {
    let cases = [
        json!({ "type": "string", "maxLenght": 3, "maxLength": 3 }),
        json!({ "type": "boolean", "$ref": "https://example.org" }),
        json!({ "type": "boolean", "description": "x" }),
        json!({ "type": "strin", "maxLength": 3 }),
        json!({ "maxLength": 3 }),
        json!({ "type": ["string"] }),
        json!({ "type": "boolean", "maxLength": 3 }),
        json!({ "type": "string", "maxLength": -3 }),
        json!({ "type": "string", "maxLength": 3, "help": { "it": "x", "en": "y" } }),
        json!({ "type": "string", "maxLength": 3, "help": { "it": "x", "en": " ", "de": "z" } }),
        json!({ "type": "boolean", "help": { "it": "x", "en": "y", "de": "z", "fr": "v" } }),
        json!({ "type": "boolean", "help": "x" }),
    ];
    assert_snapshot!(mistakes_of_field(cases));
}

#[test]
fn mistakes_of_bounds_are_reported_with_their_place() {
    let cases = [
        json!({ "type": "string" }),
        json!({ "type": "string", "maxLength": 10_001 }),
        json!({ "type": "string", "minLength": 4, "maxLength": 3 }),
        json!({ "type": "number", "minimum": 1 }),
        json!({ "type": "integer", "minimum": 3, "maximum": 1 }),
        json!({ "type": "number", "minimum": 1, "maximum": 3, "multipleOf": 0 }),
        json!({ "type": "array", "items": { "type": "boolean" } }),
        json!({ "type": "array", "maxItems": 3 }),
        json!({ "type": "array", "maxItems": 1_001, "items": { "type": "boolean" } }),
        json!({ "type": "array", "maxItems": 3, "items": { "type": "string" } }),
        json!({ "type": "object" }),
        json!({ "type": "object", "properties": { "b": { "type": "boolean" } } }),
        json!({ "type": "string", "format": "iben" }),
        json!({ "type": "string", "maxLength": 3, "pattern": "(" }),
        json!({ "type": "string", "maxLength": 3, "pattern": "(?=a)b" }),
        json!({ "type": "string", "maxLength": 3, "pattern": "(a{1000}){1000}" }),
        json!({ "type": "string", "maxLength": 3, "pattern_message": label() }),
        json!({ "type": "string", "maxLength": 3, "pattern": "a", "pattern_message": "write an a" }),
        json!({ "type": "string", "enum": ["x"] }),
        json!({ "type": "string", "enum": ["x", "x"], "enum_labels": { "x": label() } }),
        json!({ "type": "string", "enum": [], "enum_labels": {} }),
        json!({ "type": "string", "enum": ["x", "y"], "enum_labels": { "x": label() } }),
        json!({ "type": "string", "enum": ["red"], "enum_labels": { "red": label(), "rad": label() } }),
    ];
    assert_snapshot!(mistakes_of_field(cases));
}

#[test]
fn mistakes_of_conditions_are_reported_with_their_place() {
    let bool_field = || field(json!({ "type": "boolean" }));
    let with = |more: Value| {
        let mut form = form(json!({ "alive": bool_field(), "other": bool_field() }));
        form.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        form
    };
    let cases = [
        json!({ "required": ["alife"] }),
        json!({ "dependentRequired": { "alive": ["othre"] } }),
        json!({ "then": { "required": ["alive"] } }),
        json!({ "if": { "properties": { "alive": { "const": true } } } }),
        json!({ "required": ["alive"], "if": { "properties": { "alive": { "const": true } } }, "then": { "required": ["x"] } }),
        json!({ "required": ["alive"], "if": { "properties": { "alive": { "maxLength": 3 } } } }),
        json!({ "required": ["alive"], "if": { "required": ["alive"] }, "else": { "properties": { "x": { "const": 1 } } } }),
        json!({ "type": "array" }),
    ];
    assert_snapshot!(sentences(cases.map(|more| (more.clone(), with(more)))));
}

#[test]
fn a_form_is_neither_too_deep_nor_too_long_and_its_fields_have_plain_names() {
    let mut deep = field(json!({ "type": "boolean" }));
    for _ in 0..8 {
        deep = field(json!({ "type": "object", "properties": { "a": deep } }));
    }
    let many: serde_json::Map<String, Value> = (0..201)
        .map(|n| (format!("a{n}"), field(json!({ "type": "boolean" }))))
        .collect();
    let whole = [
        ("nine levels", form(json!({ "a": deep }))),
        ("201 fields", form(Value::Object(many))),
        ("a list", json!([])),
    ];
    let long = "a".repeat(65);
    let named = ["", "A", "a-b", "a/b", "1a", &long]
        .map(|name| (name, form(json!({ name: field(json!({ "type": "boolean" })) }))));
    assert_snapshot!(sentences(whole.into_iter().chain(named)));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,10}".prop_map(Value::from),
    ];
    let name = "(name|confirmed|colour|amount|born|iban|children|tax_code|type|properties|items|pattern|enum|\
                [a-z/~]{0,3})";
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(name, inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_answers_are_judged_without_repeating_them(answers in any_json()) {
        let form = everything();
        for violation in form.violations(&answers) {
            prop_assert!(violation.pointer.as_str().starts_with("/answers"));
        }
    }

    #[test]
    fn any_schema_compiles_or_is_a_mistake(schema in any_json()) {
        let _ = Form::compile(schema);
    }
}

#[test]
fn nonsense_at_length_is_reported_in_part() {
    let form = compiled(form(json!({
        "numbers": field(json!({
            "type": "array", "maxItems": 3, "items": { "type": "integer", "minimum": 0, "maximum": 9 },
        })),
    })));
    // of thirty thousand wrong elements the form looks at four
    let long: Vec<Value> = (0..30_000).map(|_| json!("x")).collect();
    let mut expected = vec![("/answers/numbers".to_owned(), "too_many".to_owned())];
    expected.extend((0..4).map(|index| (format!("/answers/numbers/{index}"), "type".to_owned())));
    let mut found = told(&form, &json!({ "numbers": long }));
    found.sort();
    assert_eq!(found, expected);
    let unknown: serde_json::Map<String, Value> =
        (0..9_000).map(|n| (format!("x{n}"), json!(null))).collect();
    assert_eq!(told(&form, &Value::Object(unknown)).len(), MOST_VIOLATIONS);
}
