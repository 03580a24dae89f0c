//! Keywords of numbers.

use jsonschema::error::ValidationErrorKind as Error;
use sportello_domain::{Text, Violation};

use super::{Found, Holder, Keyword, Kind, check_order};
use crate::form::mistakes::Mistakes;
use crate::form::refused::{Refused, comma};

const NUMBERS: &[&str] = &["number", "integer"];
const LIMITS: [&str; 2] = ["minimum", "maximum"];

pub(super) const KEYWORDS: &[Keyword] = &[
    Keyword::new("minimum", Kind::Number, NUMBERS)
        .check(|mistakes, found| check_order(mistakes, found, LIMITS))
        .refuse(too_small),
    Keyword::new("maximum", Kind::Number, NUMBERS).refuse(too_large),
    Keyword::new("multipleOf", Kind::Number, NUMBERS)
        .check(check_step)
        .refuse(between_steps),
];

/// Checks that a number has both limits.
pub(super) fn check_bounds(mistakes: &mut Mistakes, holder: &Holder<'_>) {
    for keyword in LIMITS {
        if !holder.schema.contains_key(keyword) && !holder.schema.contains_key("const") {
            mistakes.add(
                holder.pointer,
                &format!("the number has no {keyword}"),
                &format!("add `{keyword}`"),
            );
        }
    }
}

fn check_step(mistakes: &mut Mistakes, found: &Found<'_>) {
    if found.value.as_f64().is_some_and(|step| step <= 0.0) {
        mistakes.add(
            found.place,
            "`multipleOf` must be more than 0",
            "write a step such as 0.01",
        );
    }
}

fn too_small(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::Minimum { limit } = refused.error.kind() else {
        return None;
    };
    let message = Text::of(
        format!("il valore minimo è {}", comma(limit)),
        format!("the least value is {limit}"),
        format!("der kleinste Wert ist {}", comma(limit)),
    );
    refused.here("too_small", message)
}

fn too_large(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::Maximum { limit } = refused.error.kind() else {
        return None;
    };
    let message = Text::of(
        format!("il valore massimo è {}", comma(limit)),
        format!("the greatest value is {limit}"),
        format!("der größte Wert ist {}", comma(limit)),
    );
    refused.here("too_large", message)
}

fn between_steps(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    const CENTS: Text = Text::fixed(
        "il valore ha al massimo due decimali",
        "the value has at most two decimals",
        "der Wert hat höchstens zwei Dezimalstellen",
    );
    let Error::MultipleOf { multiple_of } = refused.error.kind() else {
        return None;
    };
    if (multiple_of - 0.01).abs() < f64::EPSILON {
        return refused.here("multiple_of", CENTS);
    }
    let message = Text::of(
        format!("il valore deve essere un multiplo di {}", comma(multiple_of)),
        format!("the value must be a multiple of {multiple_of}"),
        format!("der Wert muss ein Vielfaches von {} sein", comma(multiple_of)),
    );
    refused.here("multiple_of", message)
}
