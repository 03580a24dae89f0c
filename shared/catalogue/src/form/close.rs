//! Closes a form to fields that it does not name.

use serde_json::{Map, Value, json};

/// Adds `additionalProperties: false` to every object of the form. Conditions stay open: they only
/// narrow fields named elsewhere.
pub(super) fn close(schema: &mut Value) {
    if let Value::Object(root) = schema {
        root.entry("type").or_insert_with(|| json!("object"));
        root.entry("properties").or_insert_with(|| json!({}));
        close_object(root);
    }
}

fn close_object(schema: &mut Map<String, Value>) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties
            .values_mut()
            .filter_map(Value::as_object_mut)
            .for_each(close_object);
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
    if let Some(Value::Object(items)) = schema.get_mut("items") {
        close_object(items);
    }
}
