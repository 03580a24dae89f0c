//! The keywords of a form. A keyword is an entry in the file of its type of fields, with all that
//! belongs to it: the check of the form, the message for an answer, and the API document.

mod any;
mod condition;
mod kind;
mod list;
mod number;
mod object;
mod text;

use jsonschema::ValidationError;
use serde_json::Value;
use sportello_domain::{JsonPointer, Violation};

pub(super) use self::kind::Kind;
use super::mistakes::{Mistakes, Schema};
use super::refused::Refused;
use crate::nearest;

pub(super) use self::any::TYPES;

/// Every keyword, by the type of its fields.
const KEYWORDS: [&[Keyword]; 6] = [
    any::KEYWORDS,
    text::KEYWORDS,
    number::KEYWORDS,
    list::KEYWORDS,
    object::KEYWORDS,
    condition::KEYWORDS,
];

/// A keyword.
pub(super) struct Keyword {
    pub(super) name: &'static str,
    /// Its kind of value.
    pub(super) kind: Kind,
    /// The types of fields that it is for; empty means all.
    types: &'static [&'static str],
    /// Adds the mistakes of a form with the keyword on a field of such a type.
    check: fn(&mut Mistakes, &Found<'_>),
    /// Returns the violations of an answer that the keyword refuses.
    refuse: fn(&Refused<'_>) -> Option<Vec<Violation>>,
    /// Its name in the API document.
    pub(super) in_api: &'static str,
}

/// A schema, as the holder of keywords.
pub(super) struct Holder<'a> {
    pub(super) pointer: &'a JsonPointer,
    pub(super) schema: &'a Schema,
    /// Type of the field, if it is known.
    pub(super) of: Option<&'a str>,
    /// The field that the schema narrows, inside a condition.
    pub(super) narrowed: Option<&'a Schema>,
}

/// A keyword in a form.
struct Found<'a> {
    holder: &'a Holder<'a>,
    place: &'a JsonPointer,
    value: &'a Value,
}

impl Keyword {
    const fn new(name: &'static str, kind: Kind, types: &'static [&'static str]) -> Self {
        Self {
            name,
            kind,
            types,
            check: |_, _| {},
            refuse: |_| None,
            in_api: name,
        }
    }

    const fn check(self, check: fn(&mut Mistakes, &Found<'_>)) -> Self {
        Self { check, ..self }
    }

    const fn refuse(self, refuse: fn(&Refused<'_>) -> Option<Vec<Violation>>) -> Self {
        Self { refuse, ..self }
    }

    const fn in_api(self, in_api: &'static str) -> Self {
        Self { in_api, ..self }
    }
}

/// Returns every keyword.
pub(super) fn all() -> impl Iterator<Item = &'static Keyword> {
    KEYWORDS.into_iter().flatten()
}

/// Checks that every keyword of a schema is known, suits its type and has a good value.
pub(super) fn check(mistakes: &mut Mistakes, holder: &Holder<'_>) {
    for (name, value) in holder.schema {
        let place = &holder.pointer.member(name);
        let Some(keyword) = all().find(|keyword| keyword.name == name) else {
            let known: Vec<&str> = all().map(|keyword| keyword.name).collect();
            let message = format!("`{name}` is not a keyword of forms");
            mistakes.add(place, &message, &nearest::advice(name, &known));
            continue;
        };
        kind::check(mistakes, place, value, keyword.kind);
        let Some(of) = holder.of else {
            continue;
        };
        if keyword.types.is_empty() || keyword.types.contains(&of) {
            (keyword.check)(mistakes, &Found { holder, place, value });
        } else {
            let types = keyword.types.join(" or ");
            let message = format!("`{name}` is only for fields of type {types}");
            mistakes.add(place, &message, "remove it, or change `type`");
        }
    }
}

/// Checks that a field has the bounds that its type needs.
pub(super) fn check_bounds(mistakes: &mut Mistakes, holder: &Holder<'_>) {
    match holder.of {
        Some("string") => text::check_bounds(mistakes, holder),
        Some("number" | "integer") => number::check_bounds(mistakes, holder),
        Some("array") => list::check_bounds(mistakes, holder),
        _ => {}
    }
}

/// Returns the violations of the answers that an error of the validator stands for.
pub(super) fn violations(form: &Value, error: &ValidationError<'_>) -> Vec<Violation> {
    let refused = Refused { form, error };
    all()
        .find_map(|keyword| (keyword.refuse)(&refused))
        .unwrap_or_else(|| refused.not_allowed())
}

/// Checks a limit that has a counterpart.
fn check_order(mistakes: &mut Mistakes, found: &Found<'_>, [least, most]: [&str; 2]) {
    let limit = |keyword| found.holder.schema.get(keyword).and_then(Value::as_f64);
    let limits = limit(least).zip(limit(most));
    if limits.is_some_and(|(least, most)| least > most) {
        let message = format!("`{least}` is more than `{most}`: no value can fit");
        mistakes.add(found.place, &message, "swap them");
    }
}

/// Checks a limit that has itself a limit.
fn check_at_most(mistakes: &mut Mistakes, found: &Found<'_>, keyword: &str, most: u64) {
    if found.value.as_u64().is_some_and(|limit| limit > most) {
        let message = format!("`{keyword}` may be at most {most}");
        mistakes.add(found.place, &message, "lower it");
    }
}

/// Returns the texts of a list.
fn names(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_names_every_keyword() {
        let guide = include_str!("../../../../docs/CATALOGUE.md");
        for Keyword { name, .. } in all() {
            assert!(guide.contains(&format!("`{name}`")), "{name}");
        }
    }
}
