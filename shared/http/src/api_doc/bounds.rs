//! Bounds that follow from the rest of a schema.

use serde_json::{Map, Value, json};

/// Closes every schema below `value`: adds formats of numbers and lengths that follow from formats,
/// and forbids unnamed fields. An optional value is absent, never null.
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
                    // field names, not schema keywords
                    "properties" => value
                        .as_object_mut()
                        .into_iter()
                        .for_each(|p| p.values_mut().for_each(close)),
                    // not schemas
                    "const" | "default" | "enum" | "example" | "examples" => {}
                    _ => close(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the other schema of a `oneOf` of null and one schema.
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
        // it only says that names are strings
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

/// Whether the schema allows fields of any name.
fn is_map(schema: &Map<String, Value>) -> bool {
    schema.get("additionalProperties").is_some_and(Value::is_object)
}

/// Returns the most characters of a string in this format, if the format limits them.
fn longest(format: &str) -> Option<u32> {
    match format {
        "uuid" => Some(36),
        "email" => Some(254),
        "family-name" | "given-name" => Some(100),
        "uri" | "uri-reference" => Some(2048),
        "tax-code" | "vat-number" => Some(64),
        "phone" => Some(32),
        "iban" => Some(100),
        _ => None,
    }
}
