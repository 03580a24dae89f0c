//! Keywords of groups of fields.

use jsonschema::error::ValidationErrorKind as Error;
use serde_json::Value;
use sportello_domain::{JsonPointer, Text, Violation};

use super::{Found, Keyword, Kind, names};
use crate::form::mistakes::{Mistakes, Schema};
use crate::form::refused::Refused;
use crate::nearest;

const OBJECT: &[&str] = &["object"];

pub(super) const KEYWORDS: &[Keyword] = &[
    Keyword::new("properties", Kind::Schemas, OBJECT).refuse(unknown_fields),
    Keyword::new("order", Kind::Names, OBJECT).in_api("x-order"),
    Keyword::new("required", Kind::Names, OBJECT)
        .check(check_required)
        .refuse(missing),
    Keyword::new("dependentRequired", Kind::NamesByName, OBJECT).check(check_dependent),
];

fn check_required(mistakes: &mut Mistakes, found: &Found<'_>) {
    for (index, name) in names(Some(found.value)).enumerate() {
        check_name(mistakes, found, &found.place.element(index), name);
    }
}

fn check_dependent(mistakes: &mut Mistakes, found: &Found<'_>) {
    for (name, others) in found.value.as_object().into_iter().flatten() {
        let place = found.place.member(name);
        check_name(mistakes, found, &place, name);
        names(Some(others)).for_each(|other| check_name(mistakes, found, &place, other));
    }
}

/// Checks that the object has a field of this name.
fn check_name(mistakes: &mut Mistakes, Found { holder, .. }: &Found<'_>, place: &JsonPointer, name: &str) {
    let known = fields(holder.narrowed.unwrap_or(holder.schema));
    if !known.contains(&name) {
        let message = format!("`{name}` is not a field here");
        mistakes.add(place, &message, &nearest::advice(name, &known));
    }
}

/// Returns the names of an object's fields.
fn fields(object: &Schema) -> Vec<&str> {
    let properties = object.get("properties").and_then(Value::as_object);
    let names = properties.into_iter().flat_map(|properties| properties.keys());
    names.map(String::as_str).collect()
}

fn missing(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::Required { property } = refused.error.kind() else {
        return None;
    };
    let name = property.as_str().unwrap_or_default();
    Some(vec![Violation::required(refused.place().member(name))])
}

fn unknown_fields(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    const MESSAGE: Text = Text::fixed(
        "questo campo non è previsto",
        "this field is not known",
        "dieses Feld ist nicht vorgesehen",
    );
    let Error::AdditionalProperties { unexpected } = refused.error.kind() else {
        return None;
    };
    let place = refused.place();
    let violation = |name: &String| Violation::new(place.member(name), "unknown_field", MESSAGE);
    Some(unexpected.iter().map(violation).collect())
}
