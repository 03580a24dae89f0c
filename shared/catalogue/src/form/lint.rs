//! Checks a form: known keywords, bounds on everything, labels in every language.

use serde_json::Value;
use sportello_domain::JsonPointer;

use super::DEEPEST;
use super::keyword::{Holder, TYPES, check, check_bounds};
use super::mistakes::{Mistakes, Schema, SchemaMistake};
use crate::nearest;

/// Most fields of one form.
const MOST_PROPERTIES: usize = 200;

/// Returns every mistake of a form.
pub(super) fn mistakes(form: &Value) -> Vec<SchemaMistake> {
    let mut lint = Lint::default();
    let whole = JsonPointer::ROOT;
    match form.as_object() {
        None => lint.add(
            &whole,
            "a form must be a table",
            "write [form] and its properties",
        ),
        Some(form) if form.get("type").is_some_and(|is| is != "object") => {
            let place = whole.member("type");
            lint.add(&place, "a form must be of the type object", "remove `type`");
        }
        Some(form) => lint.object(&whole, form, 0),
    }
    if lint.properties > MOST_PROPERTIES {
        let message = format!("a form may have at most {MOST_PROPERTIES} fields");
        lint.add(&whole, &message, "remove some fields");
    }
    lint.mistakes.0
}

#[derive(Default)]
struct Lint {
    mistakes: Mistakes,
    /// Fields so far.
    properties: usize,
}

impl Lint {
    fn add(&mut self, pointer: &JsonPointer, message: &str, advice: &str) {
        self.mistakes.add(pointer, message, advice);
    }

    /// Checks a field or a list element with all its parts.
    fn field(&mut self, pointer: &JsonPointer, field: &Value, depth: usize) {
        let Some(schema) = field.as_object() else {
            return; // reported with the keyword that holds it
        };
        if depth > DEEPEST {
            let message = format!("fields may be nested at most {DEEPEST} levels deep");
            return self.add(pointer, &message, "make the form flatter");
        }
        match schema.get("type").and_then(Value::as_str) {
            None => {
                if !schema.contains_key("type") {
                    let advice = format!("add `type`, one of: {}", TYPES.join(", "));
                    self.add(pointer, "the field has no type", &advice);
                }
                self.keywords(pointer, schema, None);
            }
            Some("object") => self.object(pointer, schema, depth),
            Some("array") => self.array(pointer, schema, depth),
            Some(of) if TYPES.contains(&of) => self.keywords(pointer, schema, Some(of)),
            Some(other) => {
                let advice = nearest::advice(other, &TYPES);
                let message = format!("`{other}` is not a type");
                self.add(&pointer.member("type"), &message, &advice);
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
                        self.add(&pointer, "the field has no label", "add `label` in it, en and de");
                    }
                    self.field(&pointer, field, depth + 1);
                }
            }
            // a form without fields is allowed, an object without fields is not
            None if depth > 0 && !schema.contains_key("properties") => {
                self.add(pointer, "the object has no fields", "add `properties`");
            }
            None => {}
        }
    }

    fn array(&mut self, pointer: &JsonPointer, schema: &Schema, depth: usize) {
        self.keywords(pointer, schema, Some("array"));
        match schema.get("items") {
            None => self.add(pointer, "the list does not describe its elements", "add `items`"),
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
            self.add(
                pointer,
                "a field's name has 1 to 64 lower-case letters, digits and underscores, and begins with a letter",
                "write it like `date_of_birth`",
            );
        }
    }

    /// Checks the keywords of a field of this type.
    fn keywords(&mut self, pointer: &JsonPointer, schema: &Schema, of: Option<&str>) {
        let holder = Holder {
            pointer,
            schema,
            of,
            narrowed: None,
        };
        check(&mut self.mistakes, &holder);
        check_bounds(&mut self.mistakes, &holder);
    }
}
