//! Conditions between fields.

use serde_json::Value;
use sportello_domain::JsonPointer;

use super::{Found, Holder, Keyword, Kind, check, names};
use crate::form::DEEPEST;
use crate::form::mistakes::{Mistakes, Schema};
use crate::nearest;

const OBJECT: &[&str] = &["object"];

pub(super) const KEYWORDS: &[Keyword] = &[
    Keyword::new("if", Kind::Schema, OBJECT).check(check_if),
    Keyword::new("then", Kind::Schema, OBJECT)
        .check(|mistakes, found| check_consequence(mistakes, found, "then")),
    Keyword::new("else", Kind::Schema, OBJECT)
        .check(|mistakes, found| check_consequence(mistakes, found, "else")),
];

fn check_if(mistakes: &mut Mistakes, found: &Found<'_>) {
    if found.holder.narrowed.is_some() {
        return mistakes.add(
            found.place,
            "a condition can't contain another condition",
            "use `dependentRequired` or a rule",
        );
    }
    if let Some(condition) = found.value.as_object() {
        let object = found.holder.schema;
        check_narrowing(mistakes, found.place, condition, object, 0);
        check_certain(mistakes, found.place, condition, object);
    }
}

fn check_consequence(mistakes: &mut Mistakes, Found { holder, place, value }: &Found<'_>, keyword: &str) {
    if holder.narrowed.is_some() {
        return; // `if` is reported there
    }
    if !holder.schema.contains_key("if") {
        mistakes.add(place, &format!("`{keyword}` has no `if`"), "add `if`");
    }
    if let Some(narrowed) = value.as_object() {
        check_narrowing(mistakes, place, narrowed, holder.schema, 0);
    }
}

/// Checks a schema that narrows `base`: it names only fields of `base`.
fn check_narrowing(
    mistakes: &mut Mistakes,
    pointer: &JsonPointer,
    schema: &Schema,
    base: &Schema,
    depth: usize,
) {
    let of = |schema: &Schema| schema.get("type").and_then(Value::as_str).map(str::to_owned);
    let of = of(schema).or_else(|| of(base));
    let holder = Holder {
        pointer,
        schema,
        of: Some(of.as_deref().unwrap_or("object")),
        narrowed: Some(base),
    };
    check(mistakes, &holder);
    if depth > DEEPEST {
        return mistakes.add(pointer, "the condition is nested too deep", "make it flatter");
    }
    for (name, field) in properties(schema) {
        let place = pointer.member("properties").member(name);
        let base_field = base.get("properties").and_then(|base| base.get(name));
        match (field.as_object(), base_field) {
            (Some(field), Some(Value::Object(base))) => {
                check_narrowing(mistakes, &place, field, base, depth + 1);
            }
            (Some(_), None) => {
                let known: Vec<&str> = properties(base).map(|(name, _)| name.as_str()).collect();
                let message = format!("`{name}` is not a field here");
                mistakes.add(&place, &message, &nearest::advice(name, &known));
            }
            _ => {}
        }
    }
    if let (Some(Value::Object(items)), Some(Value::Object(base))) = (schema.get("items"), base.get("items"))
    {
        check_narrowing(mistakes, &pointer.member("items"), items, base, depth + 1);
    }
}

/// Checks that the condition or the form requires each field it tests: JSON Schema takes a
/// condition on a missing field as true.
fn check_certain(mistakes: &mut Mistakes, pointer: &JsonPointer, condition: &Schema, object: &Schema) {
    for (name, _) in properties(condition) {
        let required = names(condition.get("required"))
            .chain(names(object.get("required")))
            .any(|required| required == name);
        if !required {
            let message = format!("the condition on `{name}` also holds when the field is missing");
            mistakes.add(
                pointer,
                &message,
                &format!("add `required = [\"{name}\"]` to `if`"),
            );
        }
    }
}

fn properties(schema: &Schema) -> impl Iterator<Item = (&String, &Value)> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}
