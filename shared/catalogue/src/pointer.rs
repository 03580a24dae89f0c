//! Places in the answers, as written in a benefit's file.

use std::borrow::Cow;

use serde_json::Value;
use sportello_domain::JsonPointer;

/// A JSON pointer (RFC 6901) into the answers, in which `*` stands for every element of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnswersPointer {
    pointer: JsonPointer,
    tokens: Vec<String>,
}

/// A text that is not a pointer into the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pointer into the answers begins with /answers/ and names a field")]
pub(crate) struct PointerError;

impl AnswersPointer {
    pub(crate) fn parse(text: &str) -> Result<Self, PointerError> {
        Self::of(JsonPointer::parse(text).map_err(|_| PointerError)?)
    }

    /// Makes one of a pointer into the application.
    pub(crate) fn of(pointer: JsonPointer) -> Result<Self, PointerError> {
        let mut names = pointer.tokens();
        if names.next().as_deref() != Some("answers") {
            return Err(PointerError);
        }
        let tokens: Vec<String> = names.map(Cow::into_owned).collect();
        if tokens.is_empty() || tokens.iter().any(String::is_empty) {
            return Err(PointerError);
        }
        Ok(Self { pointer, tokens })
    }

    pub(crate) fn as_str(&self) -> &str {
        self.pointer.as_str()
    }

    /// Returns the pointer into the application if no part stands for every element of a list.
    pub(crate) fn to_one_place(&self) -> Option<&JsonPointer> {
        (!self.tokens.iter().any(|token| token == "*")).then_some(&self.pointer)
    }

    /// Returns the values there; empty if the answers lack it.
    pub(crate) fn find<'a>(&self, answers: &'a Value) -> Vec<&'a Value> {
        self.tokens.iter().fold(vec![answers], |found, token| {
            found.into_iter().flat_map(|value| step(value, token)).collect()
        })
    }

    /// Returns whether valid answers have exactly one value there: each name is in `required`, and
    /// none is in a list.
    pub(crate) fn is_required_in(&self, form: &Value) -> bool {
        let mut schema = Some(form);
        self.tokens.iter().all(|token| {
            let around = schema.take();
            schema = around.and_then(|around| around.get("properties")?.get(token));
            let required = around.and_then(|around| around.get("required")?.as_array());
            required.is_some_and(|names| names.iter().any(|name| name == token))
        })
    }

    /// Returns the form's schema of that place.
    pub(crate) fn in_form<'a>(&self, form: &'a Value) -> Option<&'a Value> {
        self.tokens.iter().try_fold(form, |schema, token| {
            if token == "*" {
                schema.get("items")
            } else {
                schema.get("properties")?.get(token)
            }
        })
    }
}

fn step<'a>(value: &'a Value, token: &str) -> Vec<&'a Value> {
    match value {
        Value::Array(elements) if token == "*" => elements.iter().collect(),
        Value::Object(fields) => fields.get(token).into_iter().collect(),
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_required_where_each_name_on_the_way_is() {
        let form = |outer: &[&str], inner: &[&str]| {
            let costs = json!({ "required": inner, "properties": { "amount": { "type": "number" } } });
            json!({ "required": outer, "properties": { "costs": costs } })
        };
        let pointer = AnswersPointer::parse("/answers/costs/amount").unwrap();
        assert!(pointer.is_required_in(&form(&["costs"], &["amount"])));
        for (outer, inner) in [
            (&[][..], &["amount"][..]),
            (&["costs"], &[]),
            (&["amount"], &["costs"]),
        ] {
            assert!(!pointer.is_required_in(&form(outer, inner)));
        }
        let list =
            json!({ "required": ["costs"], "properties": { "costs": { "items": form(&[], &["amount"]) } } });
        assert!(
            !AnswersPointer::parse("/answers/costs/*/amount")
                .unwrap()
                .is_required_in(&list)
        );
    }

    #[test]
    fn a_star_stands_for_every_element() {
        let answers = json!({"children": [{"tax_code": "A"}, {}, {"tax_code": "B"}]});
        let pointer = AnswersPointer::parse("/answers/children/*/tax_code").unwrap();
        assert_eq!(pointer.find(&answers), [&json!("A"), &json!("B")]);
        assert!(pointer.find(&json!({"children": "none"})).is_empty());
        assert!(pointer.find(&json!([])).is_empty());
        let form =
            json!({"properties": {"children": {"items": {"properties": {"tax_code": {"type": "string"}}}}}});
        assert_eq!(pointer.in_form(&form), Some(&json!({"type": "string"})));
        assert!(!pointer.is_required_in(&form));
        for bad in [
            "",
            "/answers",
            "/answers/",
            "answers/a",
            "/applicant/iban",
            "/answers//a",
        ] {
            assert_eq!(AnswersPointer::parse(bad), Err(PointerError), "{bad}");
        }
    }
}
