//! Checks that every answer is bounded.

use serde_json::Value;
use sportello_domain::JsonPointer;

use super::{Lint, Schema, names};
use crate::form::{format, pattern_mistake};
use crate::nearest;

/// Longest text that a form may allow, in characters.
const LONGEST_STRING: u64 = 10_000;
/// Most elements of a list: rules may compare all pairs.
const MOST_ITEMS: u64 = 1_000;
/// Most values to choose from.
const MOST_VALUES: usize = 500;

impl Lint {
    /// Checks that a field has the bounds its type needs, and that they are consistent.
    pub(super) fn bounds(&mut self, pointer: &JsonPointer, schema: &Schema, of: &str) {
        match of {
            "string" => self.string(pointer, schema),
            "array" if !schema.contains_key("maxItems") => {
                self.report(pointer, "the list has no upper limit", "add `maxItems`");
            }
            "number" | "integer" => {
                for keyword in ["minimum", "maximum"] {
                    if !schema.contains_key(keyword) && !schema.contains_key("const") {
                        self.report(
                            pointer,
                            &format!("the number has no {keyword}"),
                            &format!("add `{keyword}`"),
                        );
                    }
                }
            }
            _ => {}
        }
        self.limits(pointer, schema);
    }

    /// Checks limits, in fields and in conditions.
    pub(super) fn limits(&mut self, pointer: &JsonPointer, schema: &Schema) {
        for (least, most) in [
            ("minLength", "maxLength"),
            ("minimum", "maximum"),
            ("minItems", "maxItems"),
        ] {
            let limit = |keyword| schema.get(keyword).and_then(Value::as_f64);
            if limit(least)
                .zip(limit(most))
                .is_some_and(|(least, most)| least > most)
            {
                let message = format!("`{least}` is more than `{most}`: no value can fit");
                self.report(&pointer.member(least), &message, "swap them");
            }
        }
        for (keyword, most) in [("maxLength", LONGEST_STRING), ("maxItems", MOST_ITEMS)] {
            if schema
                .get(keyword)
                .and_then(Value::as_u64)
                .is_some_and(|limit| limit > most)
            {
                self.report(
                    &pointer.member(keyword),
                    &format!("`{keyword}` may be at most {most}"),
                    "lower it",
                );
            }
        }
        if schema
            .get("multipleOf")
            .and_then(Value::as_f64)
            .is_some_and(|step| step <= 0.0)
        {
            self.report(
                &pointer.member("multipleOf"),
                "`multipleOf` must be more than 0",
                "write a step such as 0.01",
            );
        }
        self.words(pointer, schema);
    }

    fn string(&mut self, pointer: &JsonPointer, schema: &Schema) {
        let ends = ["enum", "const", "format", "maxLength"];
        if !ends.iter().any(|keyword| schema.contains_key(*keyword)) {
            self.report(
                pointer,
                "the text has no upper limit",
                "add `maxLength`, `format` or `enum`",
            );
        }
        if schema.contains_key("enum") && !schema.contains_key("enum_labels") {
            self.report(
                pointer,
                "the values to choose from have no labels",
                "add `enum_labels`",
            );
        }
    }

    /// Checks `format`, `pattern` and `enum`, in fields and in conditions.
    fn words(&mut self, pointer: &JsonPointer, schema: &Schema) {
        if let Some(name) = schema.get("format").and_then(Value::as_str) {
            let known: Vec<&str> = format::FORMATS.iter().map(|(name, _)| *name).collect();
            if !known.contains(&name) {
                let message = format!("`{name}` is not a format");
                self.report(
                    &pointer.member("format"),
                    &message,
                    &nearest::advice(name, &known),
                );
            }
        }
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && let Some(why) = pattern_mistake(pattern)
        {
            let message = format!("the pattern can't be used: {why}");
            self.report(
                &pointer.member("pattern"),
                &message,
                "look-around and back references are not supported",
            );
        }
        if let Some(values) = schema.get("enum") {
            self.values(pointer, schema, values);
        }
    }

    fn values(&mut self, pointer: &JsonPointer, schema: &Schema, values: &Value) {
        let count = values.as_array().map_or(0, Vec::len);
        if !(1..=MOST_VALUES).contains(&count) {
            let message = format!("`enum` must have 1 to {MOST_VALUES} values");
            self.report(&pointer.member("enum"), &message, "");
        }
        let Some(labels) = schema.get("enum_labels").and_then(Value::as_object) else {
            return;
        };
        let place = pointer.member("enum_labels");
        for value in names(Some(values)).filter(|value| !labels.contains_key(*value)) {
            self.report(
                &place,
                &format!("the value `{value}` has no label"),
                "add one in it, en and de",
            );
        }
        let known: Vec<&str> = names(Some(values)).collect();
        for label in labels.keys().filter(|label| !known.contains(&label.as_str())) {
            let message = format!("`{label}` is not among the values of `enum`");
            self.report(&place.member(label), &message, &nearest::advice(label, &known));
        }
    }
}
