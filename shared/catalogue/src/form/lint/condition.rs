//! Conditions between fields: `if`/`then`/`else`, `required`, `dependentRequired`.

use serde_json::Value;
use sportello_domain::JsonPointer;

use super::{Lint, Schema, names};
use crate::nearest;

impl Lint {
    /// Checks that conditions name only fields of the object.
    pub(super) fn conditions(&mut self, pointer: &JsonPointer, object: &Schema) {
        self.requirements(pointer, object, object);
        for keyword in ["then", "else"] {
            if object.contains_key(keyword) && !object.contains_key("if") {
                let message = format!("`{keyword}` has no `if`");
                self.report(&pointer.member(keyword), &message, "add `if`");
            }
        }
        for keyword in ["if", "then", "else"] {
            if let Some(narrowed) = object.get(keyword).and_then(Value::as_object) {
                self.narrowing(&pointer.member(keyword), narrowed, object, 0);
            }
        }
        if let Some(condition) = object.get("if").and_then(Value::as_object) {
            self.certain(&pointer.member("if"), condition, object);
        }
    }

    fn requirements(&mut self, pointer: &JsonPointer, schema: &Schema, object: &Schema) {
        let known = fields(object);
        let named = |lint: &mut Self, place: &JsonPointer, name: &str| {
            if !known.contains(&name) {
                let message = format!("`{name}` is not a field here");
                lint.report(place, &message, &nearest::advice(name, &known));
            }
        };
        for (index, name) in names(schema.get("required")).enumerate() {
            named(self, &pointer.member("required").element(index), name);
        }
        let dependent = schema.get("dependentRequired").and_then(Value::as_object);
        for (name, others) in dependent.into_iter().flatten() {
            let place = pointer.member("dependentRequired").member(name);
            named(self, &place, name);
            names(Some(others)).for_each(|other| named(self, &place, other));
        }
    }

    /// Checks a schema that narrows `base`.
    fn narrowing(&mut self, pointer: &JsonPointer, schema: &Schema, base: &Schema, depth: usize) {
        let of = |schema: &Schema| schema.get("type").and_then(Value::as_str).map(str::to_owned);
        let of = of(schema)
            .or_else(|| of(base))
            .unwrap_or_else(|| "object".to_owned());
        self.keywords(pointer, schema, Some(&of));
        self.limits(pointer, schema);
        self.requirements(pointer, schema, base);
        if depth > super::DEEPEST {
            return self.report(pointer, "the condition is nested too deep", "make it flatter");
        }
        if schema.contains_key("if") {
            let advice = "use `dependentRequired` or a rule";
            self.report(
                &pointer.member("if"),
                "a condition can't contain another condition",
                advice,
            );
        }
        let known = fields(base);
        for (name, field) in properties(schema) {
            let place = pointer.member("properties").member(name);
            match (
                field.as_object(),
                base.get("properties").and_then(|base| base.get(name)),
            ) {
                (Some(field), Some(Value::Object(base))) => self.narrowing(&place, field, base, depth + 1),
                (Some(_), None) => {
                    let message = format!("`{name}` is not a field here");
                    self.report(&place, &message, &nearest::advice(name, &known));
                }
                _ => {}
            }
        }
        if let (Some(Value::Object(items)), Some(Value::Object(base))) =
            (schema.get("items"), base.get("items"))
        {
            self.narrowing(&pointer.member("items"), items, base, depth + 1);
        }
    }

    /// Checks that the condition or the form requires each field it tests: JSON Schema takes a
    /// condition on a missing field as true.
    fn certain(&mut self, pointer: &JsonPointer, condition: &Schema, object: &Schema) {
        for (name, _) in properties(condition) {
            let asked = names(condition.get("required"))
                .chain(names(object.get("required")))
                .any(|required| required == name);
            if !asked {
                let message = format!("the condition on `{name}` also holds when the field is missing");
                self.report(
                    pointer,
                    &message,
                    &format!("add `required = [\"{name}\"]` to `if`"),
                );
            }
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

fn fields(object: &Schema) -> Vec<&str> {
    properties(object).map(|(name, _)| name.as_str()).collect()
}
