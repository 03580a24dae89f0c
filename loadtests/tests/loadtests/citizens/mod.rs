//! Citizens whom the identity provider knows.

#![allow(dead_code, reason = "each test uses some of it")]

use jiff::civil::date;
use serde_json::Value;
use sportello_domain::TaxCode;
use sportello_people::person::{Person, Sex};

pub(crate) fn marta() -> Person {
    Person {
        given_name: "Marta",
        family_name: "Rinaldi",
        born: date(1984, 3, 12),
        sex: Sex::Female,
        birth_place: "H501",
        tax_code: TaxCode::parse("RNLMRT84C52H501S").expect("a tax code"),
    }
}

pub(crate) fn luca() -> Person {
    Person {
        given_name: "Luca",
        family_name: "Bellandi",
        born: date(1979, 11, 30),
        sex: Sex::Male,
        birth_place: "F205",
        tax_code: TaxCode::parse("BLLLCU79S30F205M").expect("a tax code"),
    }
}

/// What must be in no log, trace or metric: everything of the content that tells who it is or what
/// was answered.
pub(crate) fn personal_data(content: &Value) -> Vec<String> {
    let texts = |object: &Value| {
        let values = object.as_object().into_iter().flat_map(serde_json::Map::values);
        values
            .filter_map(|value| value.as_str().map(ToOwned::to_owned))
            .collect::<Vec<_>>()
    };
    // other answers could stand in a log by chance
    let vat_number = content["answers"]["vat_number"].as_str();
    [
        texts(&content["applicant"]),
        vat_number.map(ToOwned::to_owned).into_iter().collect(),
    ]
    .concat()
}
