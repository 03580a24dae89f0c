//! A form as the API document shows it.

use serde_json::{Map, Value};

use super::keyword::{self, Kind};

/// Returns a form with the English labels where tools for OpenAPI look for them.
#[must_use]
pub fn openapi_form(form: &Value) -> Value {
    let mut form = form.clone();
    describe(&mut form);
    form
}

fn describe(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    for keyword in keyword::all() {
        if let Some(mut value) = schema.remove(keyword.name) {
            in_english(keyword.kind, &mut value);
            schema.insert(keyword.in_api.into(), value);
        }
    }
    let is_text = schema.get("type").is_some_and(|it| it == "string");
    let is_free = ["pattern", "format", "enum", "const"]
        .iter()
        .all(|key| !schema.contains_key(*key));
    if is_text && is_free {
        // NUL is refused in any answer, since the database can't hold it
        schema.insert("pattern".into(), "^[^\\u0000]*$".into());
    }
}

/// Replaces the texts in a keyword's value by the English ones.
fn in_english(kind: Kind, value: &mut Value) {
    let each = |value: &mut Value, change: fn(&mut Value)| {
        let values = value.as_object_mut().into_iter().flat_map(Map::values_mut);
        values.for_each(change);
    };
    let english = |text: &mut Value| *text = text["en"].clone();
    match kind {
        Kind::Text => english(value),
        Kind::TextByName => each(value, english),
        Kind::Schema => describe(value),
        Kind::Schemas => each(value, describe),
        Kind::Count
        | Kind::Number
        | Kind::Word
        | Kind::Flag
        | Kind::Names
        | Kind::NamesByName
        | Kind::Any => {}
    }
}
