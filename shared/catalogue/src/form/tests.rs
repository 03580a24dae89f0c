#![allow(clippy::too_many_lines, reason = "tables of cases")]

use proptest::prelude::*;
use serde_json::json;
use sportello_domain::{Language, Text};

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

#[test]
fn each_violation_has_its_pointer_and_code() {
    let form = everything();
    let changes = [
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
    ];
    for (place, value, pointer, code) in changes {
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
        let mut told = told(&form, &answers);
        // `red` and another condition may be told as well where the colour is changed
        told.retain(|(at, _)| at != "/answers/shade");
        assert_eq!(told, [(pointer.to_owned(), code.to_owned())], "{place} {value}");
    }
}

#[test]
fn too_many_and_equal_elements_are_told() {
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
fn every_violation_is_told_at_once() {
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
fn who_sends_nonsense_gets_a_bounded_answer() {
    let answers: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("x{n}"), json!(1))).collect();
    assert_eq!(
        everything().violations(&Value::Object(answers)).len(),
        MOST_VIOLATIONS
    );
}

#[test]
fn messages_name_the_limit_in_three_languages() {
    let message = |place: &str, value: Value| {
        let mut answers = valid();
        answers[place] = value;
        everything().violations(&answers).remove(0).message
    };
    assert_eq!(
        message("name", json!("A")),
        Text::fixed(
            "servono almeno 2 caratteri",
            "there must be at least 2 characters",
            "erforderlich sind mindestens 2 Zeichen",
        )
    );
    assert_eq!(
        message("amount", json!(100)),
        Text::fixed(
            "il valore massimo è 99,5",
            "the greatest value is 99.5",
            "der größte Wert ist 99,5"
        )
    );
    assert_eq!(
        message("children", json!([])).it,
        "serve un elenco di almeno 1 elemento"
    );
    assert_eq!(
        message("colour", json!("blue")).de,
        "wählen Sie einen dieser Werte: red (Bezeichnung), green (Bezeichnung)"
    );
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

fn mistakes(schema: &Value) -> Vec<(String, String, String)> {
    Form::lint(schema)
        .into_iter()
        .map(|mistake| (mistake.pointer.to_string(), mistake.message, mistake.advice))
        .collect()
}

/// A form with one field `a` of these keywords, the pointer below that field, words of the message,
/// of the advice.
type Mistaken = (Value, &'static str, &'static str, &'static str);

fn assert_mistakes(cases: Vec<Mistaken>) {
    for (keywords, pointer, message, advice) in cases {
        let mistakes = mistakes(&form(json!({ "a": field(keywords.clone()) })));
        assert_eq!(mistakes.len(), 1, "{keywords}: {mistakes:#?}");
        assert_eq!(mistakes[0].0, format!("/properties/a{pointer}"), "{keywords}");
        assert!(mistakes[0].1.contains(message), "{keywords}: {mistakes:?}");
        assert!(mistakes[0].2.contains(advice), "{keywords}: {mistakes:?}");
    }
}

#[test]
fn mistakes_of_keywords_are_told_with_their_place() {
    assert_mistakes(vec![
        (
            json!({ "type": "string", "maxLenght": 3, "maxLength": 3 }),
            "/maxLenght",
            "not a keyword",
            "`maxLength`",
        ),
        (
            json!({ "type": "boolean", "$ref": "https://example.org" }),
            "/$ref",
            "not a keyword",
            "",
        ),
        (
            json!({ "type": "boolean", "description": "x" }),
            "/description",
            "not a keyword",
            "",
        ),
        (
            json!({ "type": "strin", "maxLength": 3 }),
            "/type",
            "is not a type",
            "`string`",
        ),
        (json!({ "maxLength": 3 }), "", "no type", "add `type`"),
        (json!({ "type": ["string"] }), "/type", "must be a text", ""),
        (
            json!({ "type": "boolean", "maxLength": 3 }),
            "/maxLength",
            "only for fields of type string",
            "",
        ),
        (
            json!({ "type": "string", "maxLength": -3 }),
            "/maxLength",
            "a whole number",
            "",
        ),
        (
            json!({ "type": "string", "maxLength": 3, "help": { "it": "x", "en": "y" } }),
            "/help",
            "`de` is missing",
            "",
        ),
        (
            json!({ "type": "string", "maxLength": 3, "help": { "it": "x", "en": " ", "de": "z" } }),
            "/help/en",
            "blank",
            "",
        ),
        (
            json!({ "type": "boolean", "help": { "it": "x", "en": "y", "de": "z", "fr": "v" } }),
            "/help/fr",
            "not a supported language",
            "",
        ),
        (
            json!({ "type": "boolean", "help": "x" }),
            "/help",
            "must be {",
            "",
        ),
    ]);
}

#[test]
fn mistakes_of_bounds_are_told_with_their_place() {
    assert_mistakes(vec![
        (json!({ "type": "string" }), "", "no upper limit", "`maxLength`"),
        (
            json!({ "type": "string", "maxLength": 10_001 }),
            "/maxLength",
            "at most 10000",
            "",
        ),
        (
            json!({ "type": "string", "minLength": 4, "maxLength": 3 }),
            "/minLength",
            "no value can fit",
            "",
        ),
        (
            json!({ "type": "number", "minimum": 1 }),
            "",
            "no maximum",
            "add `maximum`",
        ),
        (
            json!({ "type": "integer", "minimum": 3, "maximum": 1 }),
            "/minimum",
            "no value can fit",
            "",
        ),
        (
            json!({ "type": "number", "minimum": 1, "maximum": 3, "multipleOf": 0 }),
            "/multipleOf",
            "more than 0",
            "",
        ),
        (
            json!({ "type": "array", "items": { "type": "boolean" } }),
            "",
            "no upper limit",
            "`maxItems`",
        ),
        (
            json!({ "type": "array", "maxItems": 3 }),
            "",
            "elements",
            "`items`",
        ),
        (
            json!({ "type": "array", "maxItems": 1_001, "items": { "type": "boolean" } }),
            "/maxItems",
            "at most 1000",
            "",
        ),
        (
            json!({ "type": "array", "maxItems": 3, "items": { "type": "string" } }),
            "/items",
            "no upper limit",
            "",
        ),
        (json!({ "type": "object" }), "", "fields", "`properties`"),
        (
            json!({ "type": "object", "properties": { "b": { "type": "boolean" } } }),
            "/properties/b",
            "no label",
            "",
        ),
        (
            json!({ "type": "string", "format": "iben" }),
            "/format",
            "is not a format",
            "`iban`",
        ),
        (
            json!({ "type": "string", "maxLength": 3, "pattern": "(" }),
            "/pattern",
            "can't be used",
            "",
        ),
        (
            json!({ "type": "string", "maxLength": 3, "pattern": "(?=a)b" }),
            "/pattern",
            "can't be used",
            "look-around",
        ),
        (
            json!({ "type": "string", "maxLength": 3, "pattern": "(a{1000}){1000}" }),
            "/pattern",
            "can't be used",
            "",
        ),
        (
            json!({ "type": "string", "enum": ["x"] }),
            "",
            "no labels",
            "`enum_labels`",
        ),
        (
            json!({ "type": "string", "enum": ["x", "x"], "enum_labels": { "x": label() } }),
            "/enum",
            "different",
            "",
        ),
        (
            json!({ "type": "string", "enum": [], "enum_labels": {} }),
            "/enum",
            "1 to",
            "",
        ),
        (
            json!({ "type": "string", "enum": ["x", "y"], "enum_labels": { "x": label() } }),
            "/enum_labels",
            "`y`",
            "",
        ),
        (
            json!({ "type": "string", "enum": ["red"], "enum_labels": { "red": label(), "rad": label() } }),
            "/enum_labels/rad",
            "not among",
            "`red`",
        ),
    ]);
}

#[test]
fn mistakes_of_conditions_are_told_with_their_place() {
    let bool_field = || field(json!({ "type": "boolean" }));
    let with = |more: Value| {
        let mut form = form(json!({ "alive": bool_field(), "other": bool_field() }));
        form.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        form
    };
    let cases = [
        (
            json!({ "required": ["alife"] }),
            "/required/0",
            "`alife` is not a field",
            "`alive`",
        ),
        (
            json!({ "dependentRequired": { "alive": ["othre"] } }),
            "/dependentRequired/alive",
            "`othre`",
            "`other`",
        ),
        (
            json!({ "then": { "required": ["alive"] } }),
            "/then",
            "no `if`",
            "",
        ),
        (
            json!({ "if": { "properties": { "alive": { "const": true } } } }),
            "/if",
            "when the field is missing",
            "required = [\"alive\"]",
        ),
        (
            json!({
                "required": ["alive"],
                "if": { "properties": { "alive": { "const": true } } },
                "then": { "required": ["x"] },
            }),
            "/then/required/0",
            "`x`",
            "",
        ),
        (
            json!({ "required": ["alive"], "if": { "properties": { "alive": { "maxLength": 3 } } } }),
            "/if/properties/alive/maxLength",
            "type string",
            "",
        ),
        (
            json!({
                "required": ["alive"],
                "if": { "required": ["alive"] },
                "else": { "properties": { "x": { "const": 1 } } },
            }),
            "/else/properties/x",
            "`x` is not a field",
            "",
        ),
        (json!({ "type": "array" }), "/type", "of the type object", ""),
    ];
    for (more, pointer, message, advice) in cases {
        let mistakes = mistakes(&with(more.clone()));
        assert_eq!(mistakes.len(), 1, "{more}: {mistakes:#?}");
        assert_eq!(mistakes[0].0, pointer, "{more}");
        assert!(
            mistakes[0].1.contains(message) && mistakes[0].2.contains(advice),
            "{more}: {mistakes:?}"
        );
    }
}

#[test]
fn a_form_is_neither_too_deep_nor_too_long_and_its_fields_have_plain_names() {
    let mut deep = field(json!({ "type": "boolean" }));
    for _ in 0..8 {
        deep = field(json!({ "type": "object", "properties": { "a": deep } }));
    }
    let mistakes_of = |schema: &Value| {
        mistakes(schema)
            .into_iter()
            .map(|mistake| mistake.1)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        mistakes_of(&form(json!({ "a": deep }))),
        ["fields may be nested at most 8 levels deep"]
    );
    let many: serde_json::Map<String, Value> = (0..201)
        .map(|n| (format!("a{n}"), field(json!({ "type": "boolean" }))))
        .collect();
    assert_eq!(
        mistakes_of(&form(Value::Object(many))),
        ["a form may have at most 200 fields"]
    );
    for name in ["", "A", "a-b", "a/b", "1a", &"a".repeat(65)] {
        let mistakes = mistakes_of(&form(json!({ name: field(json!({ "type": "boolean" })) })));
        assert!(
            mistakes.len() == 1 && mistakes[0].starts_with("a field's name"),
            "{name}: {mistakes:?}"
        );
    }
    assert_eq!(mistakes_of(&json!([])), ["a form must be a table"]);
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
fn nonsense_at_length_is_told_in_part() {
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
