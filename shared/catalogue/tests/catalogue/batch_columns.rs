//! Applications as rows of a table: what is written into one is read from it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use sportello_catalogue::{BatchColumns, Benefit, Catalogue, Separator, trim_cell};
use sportello_domain::{Application, CategoryId, Violation};

const RECEIVED: &str = "2020-04-10T08:00:00Z";

static SHIPPED: LazyLock<Catalogue> = LazyLock::new(|| folder("catalogue"));

fn folder(path: &str) -> Catalogue {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Catalogue::load(&root.join(path)).unwrap_or_else(|broken| panic!("{broken}"))
}

fn columns(names: &[impl AsRef<str>]) -> Result<BatchColumns, Vec<Violation>> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    BatchColumns::parse(&names, Separator::Semicolon, &SHIPPED)
}

/// Where something is wrong, and its code.
type Places = Vec<(String, String)>;

/// The content of a row, given by the cells that are not empty.
fn content(cells: &[(&str, &str)]) -> Result<Value, Places> {
    let (mut names, mut row): (Vec<&str>, Vec<&str>) = cells.iter().copied().unzip();
    names.push("idempotency_key");
    row.push("a-key");
    let columns = columns(&names).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    assert_eq!(columns.key(&row), "a-key");
    match columns.content(&SHIPPED, &row) {
        Ok(content) => Ok(serde_json::from_slice(&content).unwrap()),
        Err(violations) => Err(places(violations)),
    }
}

fn places(violations: Vec<Violation>) -> Places {
    let places = violations.into_iter();
    places
        .map(|violation| (violation.pointer.to_string(), violation.code.into_owned()))
        .collect()
}

fn told(places: &[(&str, &str)]) -> Places {
    let owned = |(pointer, code): &(&str, &str)| ((*pointer).to_owned(), (*code).to_owned());
    places.iter().map(owned).collect()
}

fn applications() -> Vec<(&'static Benefit, Option<&'static CategoryId>, &'static Value)> {
    let benefits = SHIPPED.benefits();
    benefits
        .flat_map(|benefit| {
            benefit
                .forms()
                .map(move |(category, form)| (&**benefit, category, form))
        })
        .collect()
}

#[test]
fn the_template_of_every_benefit_and_category_holds_an_application_that_is_right() {
    for catalogue in [&*SHIPPED, &folder("loadtests/tests/loadtests/catalogue")] {
        for benefit in catalogue.benefits() {
            for (category, _) in benefit.forms() {
                let template = benefit.batch_template(category).unwrap();
                let names: Vec<&str> = template.columns.iter().map(String::as_str).collect();
                let cells: Vec<&str> = template.example.iter().map(String::as_str).collect();
                let columns = BatchColumns::parse(&names, Separator::Semicolon, catalogue)
                    .unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
                let content = columns.content(catalogue, &cells).unwrap();
                let application = Application::parse(&content).unwrap();
                assert_eq!(
                    benefit.validate(&application, RECEIVED.parse().unwrap()),
                    [],
                    "{category:?}"
                );
                assert_eq!(application.category.as_ref(), category);
                assert!(application.mandate.is_some());
                for cell in cells {
                    assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
                }
            }
        }
    }
}

#[test]
fn a_template_follows_the_order_of_the_form() {
    let benefit = SHIPPED.get(&"baby-sitting-bonus-2020".parse().unwrap()).unwrap();
    let category = CategoryId::parse("self-employed").unwrap();
    let template = benefit.batch_template(Some(&category)).unwrap();
    let expected = "idempotency_key /benefit /category /mandate /applicant/tax_code /applicant/given_name \
                    /applicant/family_name /applicant/single_name /applicant/birth_date /applicant/email \
                    /applicant/phone /applicant/iban /answers/amount \
                    /answers/children/0/given_name /answers/children/0/family_name /answers/children/0/single_name \
                    /answers/children/0/tax_code /answers/children/0/severely_disabled \
                    /answers/children/1/given_name /answers/children/1/family_name /answers/children/1/single_name \
                    /answers/children/1/tax_code /answers/children/1/severely_disabled \
                    /answers/children/2/given_name /answers/children/2/family_name /answers/children/2/single_name \
                    /answers/children/2/tax_code /answers/children/2/severely_disabled \
                    /answers/no_parent_at_home /answers/no_leave";
    assert_eq!(template.columns.join(" "), expected);
    let code = |category: Option<&str>| {
        let category = category.map(|id| CategoryId::parse(id).unwrap());
        let violation = benefit.batch_template(category.as_ref()).err();
        violation.map(|violation| violation.code)
    };
    assert_eq!(code(None).as_deref(), Some("required"));
    assert_eq!(code(Some("astronauts")).as_deref(), Some("category_unknown"));
}

#[test]
fn a_cell_becomes_what_the_form_asks_for() {
    let content = content(&[
        ("/benefit", "baby-sitting-bonus-2020"),
        ("/category", "self-employed"),
        ("/answers/amount", "599,90"),
        ("/answers/no_leave", "VERO"),
        ("/answers/no_parent_at_home", ""),
        ("/answers/children/1/given_name", "1"),
        ("/answers/children/0/severely_disabled", "no"),
        ("/applicant/birth_date", "31/03/1980"),
        ("/applicant/phone", " +39 06 1234567"),
    ]);
    assert_eq!(
        content.unwrap(),
        json!({
            "benefit": "baby-sitting-bonus-2020",
            "category": "self-employed",
            "applicant": { "birth_date": "1980-03-31", "phone": "+39 06 1234567" },
            "answers": {
                "amount": 599.9,
                "no_leave": true,
                "children": [{ "severely_disabled": false }, { "given_name": "1" }],
            },
        })
    );
}

#[test]
fn what_is_not_of_its_type_is_left_to_the_form() {
    let content = content(&[
        ("/benefit", "parental-leave-2020"),
        ("/category", "self-employed"),
        ("/answers/days_of_other_parent", "cinque"),
        ("/answers/no_bonus", "forse"),
        ("/answers/periods/0/from", "31.02.2020"),
    ])
    .unwrap();
    let application = Application::parse(content.to_string().as_bytes());
    assert!(application.is_err(), "the applicant is missing");
    let benefit = SHIPPED.get(&"parental-leave-2020".parse().unwrap()).unwrap();
    let mut example = benefit.example();
    example["category"] = content["category"].clone();
    example["answers"] = content["answers"].clone();
    let application = Application::parse(example.to_string().as_bytes()).unwrap();
    let mut places = places(benefit.validate(&application, RECEIVED.parse().unwrap()));
    places.sort_unstable();
    assert_eq!(
        places,
        told(&[
            ("/answers/children", "too_few"),
            ("/answers/days_of_other_parent", "type"),
            ("/answers/no_bonus", "must_be_confirmed"),
            ("/answers/no_bonus", "type"),
            ("/answers/no_parent_at_home", "required"),
            ("/answers/periods/0/from", "date"),
            ("/answers/periods/0/to", "required"),
        ])
    );
}

#[test]
fn what_can_not_be_read_is_reported_with_all_the_rest() {
    let bonus = ("/benefit", "baby-sitting-bonus-2020");
    let category = ("/category", "self-employed");
    let violations = content(&[
        bonus,
        category,
        ("/answers/amount", "1.000"),
        ("/answers/activity", "collaborator"),
        ("/answers/no_leave", "sì"),
        ("/answers/no_parent_at_home", "sì"),
        ("/answers/children/0/given_name", ""),
        ("/answers/children/1/given_name", "Luca"),
        ("/applicant/tax_code", "RSSMRA80A01H501U"),
        ("/applicant/given_name", "Mario"),
        ("/applicant/family_name", "Rossi"),
    ])
    .unwrap_err();
    assert_eq!(
        violations,
        told(&[
            ("/answers/amount", "number_unclear"),
            ("/answers/activity", "unknown_field"),
            ("/answers/children/0", "list_gap"),
            ("/answers/children/1/family_name", "required"),
            ("/answers/children/1/tax_code", "required"),
        ])
    );
    for (cells, violation) in [
        (vec![("/benefit", "")], ("/benefit", "required")),
        (vec![("/benefit", "moon-bonus")], ("/benefit", "benefit_unknown")),
        (vec![("/benefit", "Moon")], ("/benefit", "identifier")),
        (vec![bonus], ("/category", "required")),
        (
            vec![bonus, ("/category", "astronauts")],
            ("/category", "category_unknown"),
        ),
    ] {
        assert_eq!(content(&cells).unwrap_err(), told(&[violation]));
    }
}

#[test]
fn a_header_is_refused_with_the_places_of_its_columns() {
    let key = "idempotency_key";
    let benefit = "/benefit";
    let cases: [(&[&str], Places); 6] = [
        (&[key], told(&[("/benefit", "column_missing")])),
        (&[benefit], told(&[("", "column_missing")])),
        (
            &[
                key,
                benefit,
                "/shoe_size",
                "/answers/children",
                "/answers/children/12/tax_code",
                "/answers",
            ],
            told(&[
                ("/shoe_size", "column_unknown"),
                ("/answers/children", "column_unknown"),
                ("/answers/children/12/tax_code", "column_unknown"),
                ("/answers", "column_unknown"),
                ("/answers/children/12/tax_code", "list_gap"),
            ]),
        ),
        (
            &[key, benefit, key, " /benefit "],
            told(&[("", "column_twice"), ("/benefit", "column_twice")]),
        ),
        (
            &[
                key,
                benefit,
                "RSSMRA80A01H501U",
                "",
                "/RSSMRA80A01H501U",
                "",
                "\u{a0}",
            ],
            told(&[("", "column_unknown"); 3]),
        ),
        (
            &[
                key,
                benefit,
                "/answers/children/1/tax_code",
                "/answers/children/02/tax_code",
            ],
            told(&[
                ("/answers/children/02/tax_code", "column_unknown"),
                ("/answers/children/1/tax_code", "list_gap"),
            ]),
        ),
    ];
    for (names, expected) in cases {
        let mistakes = columns(names).err().unwrap();
        assert!(!format!("{mistakes:?}").contains("RSSMRA"));
        assert_eq!(places(mistakes), expected, "{names:?}");
    }
    assert_eq!(
        places(columns(&[key; 501]).err().unwrap()),
        told(&[("", "too_many_columns")])
    );
}

/// The pointers of all texts, numbers and booleans.
fn pointers(pointer: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointers(&format!("{pointer}/{index}"), element, found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                pointers(&format!("{pointer}/{name}"), field, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => found.push(pointer.to_owned()),
    }
}

/// A text; the blanks around one do not outlast a cell, and an empty cell is none.
fn text() -> BoxedStrategy<String> {
    prop_oneof!["[ =+@\t\r\n;,\"-]{0,3}.{1,10}", any::<String>()]
        .prop_map(|text| trim_cell(&text).to_owned())
        .prop_filter("an empty cell is no text", |text| !text.is_empty())
        .boxed()
}

/// Any value that a form takes, and more: what it says of limits does not matter here.
fn answer(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(fixed) = schema.get("const") {
        return Just(fixed.clone()).boxed();
    }
    if let Some(Value::Array(values)) = schema.get("enum") {
        return select(values.clone()).boxed();
    }
    match schema["type"].as_str().unwrap() {
        "object" => group(schema),
        "array" => {
            let most = schema["maxItems"].as_u64().unwrap().min(6);
            let most = usize::try_from(most).unwrap();
            let elements = prop::collection::vec(answer(&schema["items"]), 1..=most);
            elements.prop_map(Value::from).boxed()
        }
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "integer" => any::<i64>().prop_map(Value::from).boxed(),
        "number" => prop_oneof![
            any::<f64>().prop_filter("JSON has no other", |number| number.is_finite()),
            (-2_000_000..2_000_000_i32).prop_map(|thousandths| f64::from(thousandths) / 1000.0),
        ]
        .prop_map(Value::from)
        .boxed(),
        "string" if schema.get("format") == Some(&json!("date")) => {
            "20[0-9]{2}-[01][0-9]-[0-3][0-9]".prop_map(Value::from).boxed()
        }
        _ => text().prop_map(Value::from).boxed(),
    }
}

fn group(schema: &Value) -> BoxedStrategy<Value> {
    let fields = schema["properties"].as_object().unwrap().iter();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let fields: Vec<_> = fields
        .map(|(name, field)| {
            let is_there = prop::bool::weighted(0.5);
            let is_there = if required.contains(&json!(name)) {
                Just(true).boxed()
            } else {
                is_there.boxed()
            };
            (Just(name.clone()), answer(field), is_there)
        })
        .collect();
    fields
        .prop_map(|fields| {
            let there = fields.into_iter().filter(|(_, _, is_there)| *is_there);
            Value::Object(there.map(|(name, value, _)| (name, value)).collect())
        })
        .boxed()
}

fn applicant() -> BoxedStrategy<Value> {
    let fields = ["tax_code", "given_name", "family_name", "email", "phone", "iban"];
    let fields = fields.map(|name| (Just(name), prop::option::of(text())));
    fields
        .to_vec()
        .prop_map(|fields| {
            let there = fields
                .into_iter()
                .filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
            Value::Object(there.collect::<Map<_, _>>())
        })
        .boxed()
}

/// An application for one of the shipped benefits, in any of its categories.
fn any_application() -> BoxedStrategy<Value> {
    let forms = applications().into_iter();
    let forms: Vec<(Value, Value, Value)> = forms
        .map(|(benefit, category, form)| (json!(benefit.id()), json!(category), form.clone()))
        .collect();
    select(forms)
        .prop_flat_map(|(benefit, category, form)| {
            let head = (Just(benefit), Just(category), text(), applicant());
            (head, answer(&form)).prop_map(|((benefit, category, mandate, applicant), answers)| {
                let mut application = json!({
                    "benefit": benefit, "mandate": mandate, "applicant": applicant, "answers": answers,
                });
                if !category.is_null() {
                    application["category"] = category;
                }
                application
            })
        })
        .boxed()
}

proptest! {
    #[test]
    fn an_application_is_the_same_after_it_was_a_row(
        (application, names) in any_application().prop_flat_map(|application| {
            let mut names = vec!["idempotency_key".to_owned()];
            pointers("", &application, &mut names);
            (Just(application), Just(names).prop_shuffle())
        })
    ) {
        let columns = columns(&names).unwrap();
        let cells = columns.cells("a key", &application);
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        prop_assert_eq!(columns.key(&cells), "a key");
        let content = columns.content(&SHIPPED, &cells).unwrap();
        prop_assert_eq!(String::from_utf8(content).unwrap(), application.to_string());
        for cell in cells {
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
        }
    }

    #[test]
    fn any_cells_are_read_or_reported(cells in prop::collection::vec("\\PC{0,8}|[ =+0-9.,/-]{0,10}|", 40)) {
        for (benefit, category, _) in applications() {
            let template = benefit.batch_template(category).unwrap();
            let columns = columns(&template.columns).unwrap();
            let row = template.columns.iter().zip(&cells).map(|(name, cell)| match name.as_str() {
                "/benefit" => benefit.id().as_str(),
                "/category" => category.map_or("", CategoryId::as_str),
                _ => cell,
            });
            let row: Vec<&str> = row.collect();
            match columns.content(&SHIPPED, &row) {
                Ok(content) => {
                    let application: Value = serde_json::from_slice(&content).unwrap();
                    let again = columns.cells("a-key", &application);
                    let again: Vec<&str> = again.iter().map(String::as_str).collect();
                    prop_assert_eq!(columns.content(&SHIPPED, &again).unwrap(), content);
                }
                Err(violations) => prop_assert!(!violations.is_empty()),
            }
        }
    }
}
