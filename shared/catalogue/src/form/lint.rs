//! What a form may hold: known keywords, bounds on everything, labels in every language.

mod bounds;
mod condition;
mod value;

use serde_json::{Map, Value};

use super::SchemaMistake;
use super::words::{KEYWORDS, TYPES, find};
use crate::nearest;

/// Deepest nesting of fields.
const DEEPEST: usize = 8;
/// Most fields of one form.
const MOST_PROPERTIES: usize = 200;

/// A schema as TOML's table or JSON's object.
type Schema = Map<String, Value>;

/// Every mistake of a form.
pub(super) fn mistakes(form: &Value) -> Vec<SchemaMistake> {
    let mut lint = Lint::default();
    match form.as_object() {
        None => lint.tell("", "a form is a table", "write [form] and its properties"),
        Some(form) if form.get("type").is_some_and(|is| is != "object") => {
            lint.tell("/type", "a form is of the type object", "take `type` away");
        }
        Some(form) => lint.object("", form, 0),
    }
    if lint.properties > MOST_PROPERTIES {
        lint.tell(
            "",
            &format!("a form has at most {MOST_PROPERTIES} fields"),
            "ask for less",
        );
    }
    lint.mistakes
}

/// What stands where.
#[derive(Default)]
struct Lint {
    mistakes: Vec<SchemaMistake>,
    properties: usize,
}

impl Lint {
    fn tell(&mut self, pointer: &str, message: &str, advice: &str) {
        self.mistakes.push(SchemaMistake {
            pointer: pointer.to_owned(),
            message: message.to_owned(),
            advice: advice.to_owned(),
        });
    }

    /// A field, or an element of a list, with everything that it needs.
    fn field(&mut self, pointer: &str, field: &Value, depth: usize) {
        let Some(schema) = field.as_object() else {
            return; // told with the keyword that holds it
        };
        if depth > DEEPEST {
            let message = format!("fields are nested at most {DEEPEST} deep");
            return self.tell(pointer, &message, "make the form flatter");
        }
        match schema.get("type").and_then(Value::as_str) {
            None if schema.contains_key("type") => self.keywords(pointer, schema, None),
            None => {
                let advice = format!("add `type`, one of: {}", TYPES.join(", "));
                self.tell(pointer, "it is not said what type the field is of", &advice);
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
                self.tell(&at(pointer, "type"), &format!("`{other}` is no type"), &advice);
            }
        }
    }

    fn object(&mut self, pointer: &str, schema: &Schema, depth: usize) {
        self.keywords(pointer, schema, Some("object"));
        match schema.get("properties").and_then(Value::as_object) {
            Some(properties) => {
                for (name, field) in properties {
                    let pointer = at(&at(pointer, "properties"), name);
                    self.properties += 1;
                    self.name(&pointer, name);
                    if !field.as_object().is_some_and(|field| field.contains_key("label")) {
                        self.tell(&pointer, "the field has no label", "add `label` in it, en and de");
                    }
                    self.field(&pointer, field, depth + 1);
                }
            }
            // a form that asks for nothing is fine, an object without fields is not
            None if depth > 0 && !schema.contains_key("properties") => {
                self.tell(pointer, "it is not said what fields it has", "add `properties`");
            }
            None => {}
        }
        self.conditions(pointer, schema);
    }

    fn array(&mut self, pointer: &str, schema: &Schema, depth: usize) {
        self.keywords(pointer, schema, Some("array"));
        self.bounds(pointer, schema, "array");
        match schema.get("items") {
            None => self.tell(pointer, "it is not said what the elements are", "add `items`"),
            Some(items) => self.field(&at(pointer, "items"), items, depth + 1),
        }
    }

    /// Names of fields are what rules and programs write.
    fn name(&mut self, pointer: &str, name: &str) {
        let fits = name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            self.tell(
                pointer,
                "a field's name has 1 to 64 lower-case letters, digits and underscores, and begins with a letter",
                "write it like `date_of_birth`",
            );
        }
    }

    /// Every keyword is known, holds what it must, and is for a field of this type.
    fn keywords(&mut self, pointer: &str, schema: &Schema, of: Option<&str>) {
        for (name, value) in schema {
            let place = at(pointer, name);
            let Some(keyword) = find(name) else {
                let known: Vec<&str> = KEYWORDS.iter().map(|keyword| keyword.name).collect();
                let message = format!("`{name}` is not known in a form");
                self.tell(&place, &message, &nearest::advice(name, &known));
                continue;
            };
            let fits = keyword.types.is_empty() || of.is_none_or(|of| keyword.types.contains(&of));
            if !fits {
                let types = keyword.types.join(" or ");
                let message = format!("`{name}` is for a field of type {types}");
                self.tell(&place, &message, "take it away, or change `type`");
            }
            self.value(&place, value, keyword.kind);
        }
    }
}

/// The pointer of `key` in what `pointer` leads to.
fn at(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The texts of a list.
fn names(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
