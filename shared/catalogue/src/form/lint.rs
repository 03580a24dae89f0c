//! Checks a form: known keywords, bounds on everything, labels in every language.

mod bounds;
mod condition;
mod value;

use serde_json::{Map, Value};
use sportello_domain::JsonPointer;

use super::SchemaMistake;
use super::words::{KEYWORDS, TYPES, find};
use crate::nearest;

/// Deepest nesting of fields.
const DEEPEST: usize = 8;
/// Most fields of one form.
const MOST_PROPERTIES: usize = 200;

/// A schema as a JSON object.
type Schema = Map<String, Value>;

/// Returns every mistake of a form.
pub(super) fn mistakes(form: &Value) -> Vec<SchemaMistake> {
    let mut lint = Lint::default();
    match form.as_object() {
        None => lint.report(
            &JsonPointer::ROOT,
            "a form must be a table",
            "write [form] and its properties",
        ),
        Some(form) if form.get("type").is_some_and(|is| is != "object") => {
            lint.report(
                &["type"].into(),
                "a form must be of the type object",
                "remove `type`",
            );
        }
        Some(form) => lint.object(&JsonPointer::ROOT, form, 0),
    }
    if lint.properties > MOST_PROPERTIES {
        lint.report(
            &JsonPointer::ROOT,
            &format!("a form may have at most {MOST_PROPERTIES} fields"),
            "remove some fields",
        );
    }
    lint.mistakes
}

/// The mistakes found so far.
#[derive(Default)]
struct Lint {
    mistakes: Vec<SchemaMistake>,
    properties: usize,
}

impl Lint {
    fn report(&mut self, pointer: &JsonPointer, message: &str, advice: &str) {
        self.mistakes.push(SchemaMistake {
            pointer: pointer.clone(),
            message: message.to_owned(),
            advice: advice.to_owned(),
        });
    }

    /// Checks a field or a list element with all its parts.
    fn field(&mut self, pointer: &JsonPointer, field: &Value, depth: usize) {
        let Some(schema) = field.as_object() else {
            return; // told with the keyword that holds it
        };
        if depth > DEEPEST {
            let message = format!("fields may be nested at most {DEEPEST} levels deep");
            return self.report(pointer, &message, "make the form flatter");
        }
        match schema.get("type").and_then(Value::as_str) {
            None if schema.contains_key("type") => self.keywords(pointer, schema, None),
            None => {
                let advice = format!("add `type`, one of: {}", TYPES.join(", "));
                self.report(pointer, "the field has no type", &advice);
                self.keywords(pointer, schema, None);
            }
            Some("object") => self.object(pointer, schema, depth),
            Some("array") => self.array(pointer, schema, depth),
            Some(of @ ("string" | "number" | "integer" | "boolean")) => {
                self.keywords(pointer, schema, Some(of));
                self.bounds(pointer, schema, of);
            }
            Some(other) => {
                let advice = nearest::advice(other, &TYPES);
                self.report(
                    &pointer.member("type"),
                    &format!("`{other}` is not a type"),
                    &advice,
                );
            }
        }
    }

    fn object(&mut self, pointer: &JsonPointer, schema: &Schema, depth: usize) {
        self.keywords(pointer, schema, Some("object"));
        match schema.get("properties").and_then(Value::as_object) {
            Some(properties) => {
                for (name, field) in properties {
                    let pointer = pointer.member("properties").member(name);
                    self.properties += 1;
                    self.name(&pointer, name);
                    if !field.as_object().is_some_and(|field| field.contains_key("label")) {
                        self.report(&pointer, "the field has no label", "add `label` in it, en and de");
                    }
                    self.field(&pointer, field, depth + 1);
                }
            }
            // a form without fields is allowed, an object without fields is not
            None if depth > 0 && !schema.contains_key("properties") => {
                self.report(pointer, "the object has no fields", "add `properties`");
            }
            None => {}
        }
        self.conditions(pointer, schema);
    }

    fn array(&mut self, pointer: &JsonPointer, schema: &Schema, depth: usize) {
        self.keywords(pointer, schema, Some("array"));
        self.bounds(pointer, schema, "array");
        match schema.get("items") {
            None => self.report(pointer, "the list does not describe its elements", "add `items`"),
            Some(items) => self.field(&pointer.member("items"), items, depth + 1),
        }
    }

    /// Checks a field's name, which rules and programs use.
    fn name(&mut self, pointer: &JsonPointer, name: &str) {
        let fits = name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            self.report(
                pointer,
                "a field's name has 1 to 64 lower-case letters, digits and underscores, and begins with a letter",
                "write it like `date_of_birth`",
            );
        }
    }

    /// Checks that every keyword is known, has a valid value and suits this type.
    fn keywords(&mut self, pointer: &JsonPointer, schema: &Schema, of: Option<&str>) {
        for (name, value) in schema {
            let place = pointer.member(name);
            let Some(keyword) = find(name) else {
                let known: Vec<&str> = KEYWORDS.iter().map(|keyword| keyword.name).collect();
                let message = format!("`{name}` is not a keyword of forms");
                self.report(&place, &message, &nearest::advice(name, &known));
                continue;
            };
            let fits = keyword.types.is_empty() || of.is_none_or(|of| keyword.types.contains(&of));
            if !fits {
                let types = keyword.types.join(" or ");
                let message = format!("`{name}` is only for fields of type {types}");
                self.report(&place, &message, "remove it, or change `type`");
            }
            self.value(&place, value, keyword.kind);
        }
    }
}

/// Returns the texts of a list.
fn names(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
