//! The benefits that ship say what the law says: each rule refuses what it is there for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::Path;

use serde_json::{Value, json};
use sportello_catalogue::{Benefit, Catalogue};
use sportello_domain::Application;

fn folder(path: &str) -> Catalogue {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Catalogue::load(&root.join(path)).unwrap_or_else(|broken| panic!("{broken}"))
}

/// The violations of a benefit's example in which some fields are others: pointer and code of each.
fn violations(benefit: &Benefit, changes: Changes<'_>) -> Vec<(String, String)> {
    let mut content = benefit.example();
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = content.pointer_mut(parent).unwrap();
        if value.is_null() {
            parent.as_object_mut().unwrap().remove(field);
        } else if let Some(list) = parent.as_array_mut() {
            list[field.parse::<usize>().unwrap()] = value.clone();
        } else {
            parent[field] = value.clone();
        }
    }
    let application = Application::parse(content.to_string().as_bytes()).unwrap();
    let told = benefit
        .validate(&application, "2020-04-10T08:00:00Z".parse().unwrap())
        .into_iter();
    told.map(|violation| (violation.pointer.to_string(), violation.code.into_owned()))
        .collect()
}

/// Fields that are other than in the example, each with its value; none takes it away.
type Changes<'a> = &'a [(&'a str, Value)];
/// Violations, each by pointer and code.
type Told<'a> = &'a [(&'a str, &'a str)];

fn check(catalogue: &Catalogue, benefit: &str, cases: &[(Changes<'_>, Told<'_>)]) {
    let benefit = catalogue.get(&benefit.parse().unwrap()).unwrap();
    for (changes, expected) in cases {
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned()))
            .collect();
        assert_eq!(violations(benefit, changes), expected, "{changes:?}");
    }
}

/// The indemnity's example in another category.
fn other_category(category: &str, answers: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut changes = vec![
        ("/category", json!(category)),
        ("/answers/activity", Value::Null),
        ("/answers/vat_number", Value::Null),
    ];
    changes.extend_from_slice(answers);
    changes
}

#[test]
fn the_indemnity_asks_professionals_alone_for_a_vat_number() {
    let number: (&str, Value) = ("/answers/vat_number", Value::Null);
    let collaborator = [number.clone(), ("/answers/activity", json!("collaborator"))];
    check(
        &folder("catalogue"),
        "indemnity-march-2020",
        &[
            (&[number], &[("/answers/vat_number", "required")]),
            (&collaborator, &[]),
            (
                &[("/applicant/iban", Value::Null)],
                &[("/applicant/iban", "required")],
            ),
        ],
    );
}

#[test]
fn the_indemnity_asks_each_category_for_what_its_article_needs() {
    let ended = |day: &str| {
        let ended = ("/answers/last_employment_ended", json!(day));
        other_category("seasonal-tourism", &[ended])
    };
    let outside: Told<'_> = &[(
        "/answers/last_employment_ended",
        "employment_ended_outside_period",
    )];
    let worked = ("/answers/days_2019", json!(50));
    let management = ("/answers/management", json!("traders"));
    let paid_in = ("/answers/contributions_2019", json!(30));
    let income = ("/answers/income_2019", json!(50_000.0));
    check(
        &folder("catalogue"),
        "indemnity-march-2020",
        &[
            (&ended("2019-01-01"), &[]),
            (&ended("2020-03-17"), &[]),
            (&ended("2018-12-31"), outside),
            (&ended("2020-03-18"), outside),
            (&other_category("farm-workers", &[worked]), &[]),
            (&other_category("artisans-traders-farmers", &[management]), &[]),
            (&other_category("show-business", &[paid_in, income]), &[]),
        ],
    );
}

#[test]
fn the_bonus_is_for_children_under_twelve_up_to_the_amount_of_the_category() {
    let over: Told<'_> = &[("/answers/amount", "amount_over_600")];
    let health = ("/category", json!("health-security-rescue"));
    check(
        &folder("catalogue"),
        "baby-sitting-bonus-2020",
        &[
            (&[("/answers/amount", json!(599.99))], &[]),
            (&[("/answers/amount", json!(600.01))], over),
            (&[("/answers/amount", json!(1000)), health], &[]),
            (
                &[("/answers/children/1/severely_disabled", json!(false))],
                &[("/answers/children/1/tax_code", "child_too_old")],
            ),
            (
                &[("/answers/children/1/tax_code", json!("vrdgli14h52 h501z"))],
                &[("/answers/children", "child_twice")],
            ),
            (
                &[("/answers/children/1/tax_code", json!("bncnna85s43h501o"))],
                &[("/answers/children/1/tax_code", "child_is_applicant")],
            ),
        ],
    );
}

#[test]
fn the_leave_has_fifteen_days_for_both_parents() {
    let day = |period: usize, end: &str| format!("/answers/periods/{period}/{end}");
    let (first_from, first_to) = (day(0, "from"), day(0, "to"));
    let (second_from, second_to) = (day(1, "from"), day(1, "to"));
    let alone = ("/answers/days_of_other_parent", Value::Null);
    check(
        &folder("catalogue"),
        "parental-leave-2020",
        &[
            (&[(&second_to, json!("2020-04-15")), alone.clone()], &[]),
            (
                &[(&second_to, json!("2020-04-16")), alone.clone()],
                &[("/answers/periods", "too_many_days")],
            ),
            (
                &[("/answers/days_of_other_parent", json!(6))],
                &[("/answers/days_of_other_parent", "too_many_days_with_other_parent")],
            ),
            (
                &[(&first_to, json!("2020-03-15"))],
                &[(&first_to, "period_ends_before_it_begins")],
            ),
            (
                &[
                    (&first_from, json!("2020-03-04")),
                    (&first_to, json!("2020-03-06")),
                ],
                &[(&first_from, "period_too_early")],
            ),
            (
                &[
                    (&second_from, json!("2020-07-31")),
                    (&second_to, json!("2020-08-01")),
                ],
                &[(&second_to, "period_too_late")],
            ),
            (
                &[
                    (&second_from, json!("2020-03-20")),
                    (&second_to, json!("2020-03-22")),
                ],
                &[("/answers/periods", "periods_overlap")],
            ),
            (
                &[("/answers/children/0/tax_code", json!("VRDLCU07B10F205Z"))],
                &[("/answers/children/0/tax_code", "child_too_old")],
            ),
        ],
    );
}

#[test]
fn the_invented_bonus_of_the_guide_is_good() {
    check(
        &folder("loadtests/tests/loadtests/catalogue"),
        "bicycle-bonus-2026",
        &[
            (&[], &[]),
            (
                &[("/answers/invoices/0/date", json!("2025-12-31"))],
                &[("/answers/invoices/0/date", "invoice_before_2026")],
            ),
            (
                &[("/answers/invoices/0/total", json!(999.98))],
                &[("/answers/amount", "more_than_half_of_the_price")],
            ),
        ],
    );
}

#[test]
fn a_child_born_after_the_cut_off_is_under_twelve() {
    let catalogue = folder("catalogue");
    for benefit in ["baby-sitting-bonus-2020", "parental-leave-2020"] {
        let code = "/answers/children/0/tax_code";
        check(
            &catalogue,
            benefit,
            &[
                (&[(code, json!("VRDGLI20C05H501R"))], &[]),
                (&[(code, json!("VRDGLI20C06H501T"))], &[]),
                (&[(code, json!("VRDGLI20D09H501B"))], &[]),
                (&[(code, json!("VRDGLI08C05H501V"))], &[(code, "child_too_old")]),
            ],
        );
    }
}

#[test]
fn children_have_names_as_applicants_do() {
    let catalogue = folder("catalogue");
    let (given, family) = (
        "/answers/children/0/given_name",
        "/answers/children/0/family_name",
    );
    let single = "/answers/children/0/single_name";
    for benefit in ["baby-sitting-bonus-2020", "parental-leave-2020"] {
        check(
            &catalogue,
            benefit,
            &[
                (&[(given, json!("Nicolo\u{300}\u{200b}"))], &[]),
                (&[(given, json!(" "))], &[(given, "name")]),
                (&[(family, json!("..."))], &[(family, "name")]),
                (&[(given, json!("Gi\u{2028}ulia"))], &[(given, "name")]),
                (&[(given, Value::Null)], &[(given, "required")]),
                (
                    &[(given, Value::Null), (single, json!(false))],
                    &[(given, "required")],
                ),
                (&[(given, Value::Null), (single, json!(true))], &[]),
            ],
        );
    }
}
