//! Cuts answers to the size that their form allows, so that the search for errors is bounded.

use serde_json::{Map, Value};

/// Returns the answers with each list cut after its first surplus element, and each object after
/// the first 200 unknown fields: the validator collects every error before it reports the first.
/// The remaining surplus still causes an error.
pub(super) fn to_form(answers: &Value, schema: &Value) -> Value {
    match answers {
        Value::Array(items) => {
            let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(0);
            let most = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(1);
            let item = |item| to_form(item, &schema["items"]);
            Value::Array(items.iter().take(most).map(item).collect())
        }
        Value::Object(fields) => Value::Object(object(fields, &schema["properties"])),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => answers.clone(),
    }
}

fn object(fields: &Map<String, Value>, properties: &Value) -> Map<String, Value> {
    let mut unknown = 0;
    let kept = fields.iter().filter(|(name, _)| {
        let known = properties.get(name).is_some();
        unknown += usize::from(!known);
        known || unknown <= super::MOST_VIOLATIONS
    });
    kept.map(|(name, value)| (name.clone(), to_form(value, &properties[name.as_str()])))
        .collect()
}
