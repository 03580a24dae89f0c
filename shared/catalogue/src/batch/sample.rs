//! An application as an example: the benefit's own, or one like it in another category.

use jiff::ToSpan as _;
use serde_json::{Map, Value, json};
use sportello_domain::CategoryId;

use super::field::in_order;
use crate::benefit::Benefit;
use crate::windows::in_rome;

/// The mandate of the example.
const MANDATE: &str = "PA-0000/000000";

/// Returns the benefit's example as an intermediary would send it. For another category, it keeps
/// the answers that this category also asks for, and fills in the other required fields from the
/// form.
pub(super) fn application(benefit: &Benefit, category: Option<&CategoryId>, form: &Value) -> Value {
    let mut example = benefit.example();
    example["mandate"] = json!(MANDATE);
    let own = example.get("category").and_then(Value::as_str);
    if own == category.map(CategoryId::as_str) {
        return example;
    }
    example["category"] = json!(category);
    let sample = Sample {
        day: day_before(benefit),
    };
    example["answers"] = sample.group(form, &example["answers"]);
    example
}

/// Returns the day a year before the opening: events that a form asks about have mostly happened by
/// then.
fn day_before(benefit: &Benefit) -> String {
    let opens = in_rome(benefit.declared.opening.opens).date();
    opens.saturating_sub(1.year()).to_string()
}

struct Sample {
    day: String,
}

impl Sample {
    fn group(&self, schema: &Value, known: &Value) -> Value {
        let required = |name: &str| {
            let required = schema.get("required").and_then(Value::as_array);
            required.is_some_and(|required| required.iter().any(|other| other == name))
        };
        let mut fields = Map::new();
        for name in in_order(schema) {
            let value = match known.get(name) {
                Some(known) => known.clone(),
                None if required(name) => self.value(&schema["properties"][name]),
                None => continue,
            };
            fields.insert(name.to_owned(), value);
        }
        Value::Object(fields)
    }

    /// Returns a value that fits the schema, except its pattern.
    fn value(&self, schema: &Value) -> Value {
        let fixed = schema.get("const").or_else(|| schema.get("enum")?.get(0));
        if let Some(fixed) = fixed {
            return fixed.clone();
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("object") => self.group(schema, &Value::Null),
            Some("array") => json!([self.value(&schema["items"])]),
            Some("boolean") => json!(true),
            Some("integer" | "number") => schema["minimum"].clone(),
            _ => self.text(schema).into(),
        }
    }

    fn text(&self, schema: &Value) -> String {
        match schema.get("format").and_then(Value::as_str) {
            Some("date") => self.day.clone(),
            Some("email") => "anna.bianchi@example.org".to_owned(),
            Some("iban") => "IT60X0542811101000000123456".to_owned(),
            Some("phone") => "06 12345678".to_owned(),
            Some("tax-code") => "RSSMRA80A01H501U".to_owned(),
            Some("vat-number") => "12345670157".to_owned(),
            _ => {
                let limit = |keyword| schema.get(keyword).and_then(Value::as_u64);
                let limit = |keyword| limit(keyword).and_then(|limit| usize::try_from(limit).ok());
                let (least, most) = (
                    limit("minLength").unwrap_or(0),
                    limit("maxLength").unwrap_or(usize::MAX),
                );
                let text = format!("{:x<least$}", "testo");
                text.chars().take(most).collect()
            }
        }
    }
}
