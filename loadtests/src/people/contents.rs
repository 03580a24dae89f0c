//! Contents of invented applications: valid against the forms of the shipped catalogue.

use serde_json::{Value, json};
use sportello_people::Person;

use crate::people::numbers::{italian_iban, vat_number};

/// A domain without mailboxes (RFC 2606). The part before it identifies the application.
const DOMAIN: &str = "@example.org";
/// Seed of the children; each application has different ones.
const CHILDREN: u64 = 0;

/// Returns a person's application. The number selects the benefit (most often the indemnity of
/// March 2020 in all its categories, sometimes the baby-sitting bonus or parental leave) and the
/// account.
#[must_use]
pub fn content(person: &Person, number: u64, reference: &str) -> Value {
    match number % 20 {
        16..=18 => baby_sitting_bonus(person, number, reference),
        19 => parental_leave(person, number, reference),
        _ => indemnity(person, number, reference),
    }
}

/// Returns an application for the indemnity, in the category that the number selects.
#[must_use]
pub fn indemnity(person: &Person, number: u64, reference: &str) -> Value {
    let (category, mut answers) = match number % 16 {
        0..=4 => (
            "professionals",
            json!({ "activity": "vat_professional", "vat_number": vat_number(number) }),
        ),
        5 => ("professionals", json!({ "activity": "collaborator" })),
        6..=8 => ("artisans-traders-farmers", json!({ "management": "artisans" })),
        9 => ("artisans-traders-farmers", json!({ "management": "traders" })),
        10..=11 => (
            "seasonal-tourism",
            json!({ "last_employment_ended": "2020-02-15" }),
        ),
        12..=14 => ("farm-workers", json!({ "days_2019": 50 + number % 200 })),
        _ => (
            "show-business",
            json!({ "contributions_2019": 30 + number % 300, "income_2019": number % 50_000 }),
        ),
    };
    answers["no_pension"] = true.into();
    answers["no_citizenship_income"] = true.into();
    application(
        "indemnity-march-2020",
        category,
        person,
        number,
        reference,
        answers,
    )
}

fn baby_sitting_bonus(person: &Person, number: u64, reference: &str) -> Value {
    let (category, amount) = match number % 20 {
        16 => ("private-employees", 600.0),
        17 => ("self-employed", 450.5),
        _ => ("health-security-rescue", 1_000.0),
    };
    let mut answers = json!({ "amount": amount, "no_leave": true });
    add_family(&mut answers, number);
    application(
        "baby-sitting-bonus-2020",
        category,
        person,
        number,
        reference,
        answers,
    )
}

fn parental_leave(person: &Person, number: u64, reference: &str) -> Value {
    let mut answers = json!({
        "periods": [
            { "from": "2020-03-16", "to": "2020-03-20" },
            { "from": "2020-04-06", "to": "2020-04-10" },
        ],
        "no_bonus": true,
    });
    add_family(&mut answers, number);
    application(
        "parental-leave-2020",
        "private-employees",
        person,
        number,
        reference,
        answers,
    )
}

/// Adds two children that no other application names.
fn add_family(answers: &mut Value, number: u64) {
    let children = [2 * number, 2 * number + 1].map(|index| {
        let child = Person::invent_child(CHILDREN, index);
        json!({
            "given_name": child.given_name,
            "family_name": child.family_name,
            "tax_code": child.tax_code.as_str(),
        })
    });
    answers["children"] = json!(children);
    answers["no_parent_at_home"] = true.into();
}

fn application(
    benefit: &str,
    category: &str,
    person: &Person,
    number: u64,
    reference: &str,
    answers: Value,
) -> Value {
    json!({
        "benefit": benefit,
        "category": category,
        "applicant": {
            "tax_code": person.tax_code.as_str(),
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": format!("{reference}{DOMAIN}"),
            "iban": italian_iban(number),
        },
        "answers": answers,
    })
}

#[cfg(test)]
mod tests {
    use sportello_catalogue::Catalogue;
    use sportello_domain::Application;
    use sportello_stack::catalogue;

    use super::*;

    #[test]
    fn all_benefits_and_categories_are_applied_for() {
        let mut asked: Vec<_> = (0..400)
            .map(|number| {
                let content = content(&Person::invent(7, number), number, "reference");
                let application = Application::parse(content.to_string().as_bytes()).unwrap();
                (
                    application.benefit.to_string(),
                    application.category.unwrap().to_string(),
                )
            })
            .collect();
        asked.sort();
        asked.dedup();
        assert_eq!(asked.len(), 5 + 3 + 1);
    }

    #[test]
    fn they_fit_the_shipped_forms_and_names_fit_tax_codes() {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
        for number in 0..400 {
            let content = content(&Person::invent(7, number), number, "reference");
            let application = Application::parse(content.to_string().as_bytes()).unwrap();
            let violations = catalogue
                .validate(&application, jiff::Timestamp::now())
                .err()
                .unwrap_or_default();
            assert_eq!((violations, application.warnings()), (vec![], vec![]), "{number}");
        }
    }
}
