//! Bounds of schemas that follow from what they say already.

use serde_json::{Map, Value, json};

/// Closes every schema below `value`: no fields but those named, formats of numbers, lengths that follow from
/// formats. Something that need not be there is absent, never null.
pub(crate) fn close(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(close),
        Value::Object(object) => {
            if let Some(single) = without_null(object) {
                *object = single;
            }
            close_schema(object);
            for (key, value) in object {
                match key.as_str() {
                    // names of fields, not words of a schema
                    "properties" => value
                        .as_object_mut()
                        .into_iter()
                        .for_each(|p| p.values_mut().for_each(close)),
                    // no schemas
                    "const" | "default" | "enum" | "example" | "examples" => {}
                    _ => close(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `oneOf` null and something, as the something.
fn without_null(object: &Map<String, Value>) -> Option<Map<String, Value>> {
    let [Value::Object(null), Value::Object(other)] = object.get("oneOf")?.as_array()?.as_slice() else {
        return None;
    };
    if null.get("type")? != "null" {
        return None;
    }
    let mut single = object.clone();
    single.remove("oneOf");
    single.extend(other.clone());
    Some(single)
}

fn close_schema(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get("type")
        && let [single, null] = types.as_slice()
        && null == "null"
    {
        schema.insert("type".into(), single.clone());
    }
    if is_map(schema) {
        // says only that names are texts
        schema.remove("propertyNames");
    }
    let bound = match schema.get("type").and_then(Value::as_str) {
        Some("object") if is_map(schema) => ("maxProperties", json!(100)),
        Some("object") => ("additionalProperties", json!(false)),
        Some("array") => ("minItems", json!(0)),
        Some("integer") => ("format", json!("int64")),
        Some("number") => ("format", json!("double")),
        Some("string") => match schema.get("format").and_then(Value::as_str).and_then(longest) {
            Some(longest) => ("maxLength", json!(longest)),
            None => return,
        },
        _ => return,
    };
    schema.entry(bound.0).or_insert(bound.1);
}

/// Whether it has fields of any name.
fn is_map(schema: &Map<String, Value>) -> bool {
    schema.get("additionalProperties").is_some_and(Value::is_object)
}

/// Most characters of a text in this format, as far as it limits them.
fn longest(format: &str) -> Option<u32> {
    match format {
        "uuid" => Some(36),
        "email" => Some(254),
        "uri" | "uri-reference" => Some(2048),
        "tax-code" | "vat-number" => Some(64),
        "phone" => Some(32),
        "iban" => Some(100),
        _ => None,
    }
}
