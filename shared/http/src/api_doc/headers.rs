//! The headers of answers.

use serde_json::{Map, Value, json};

use super::operations_mut;

/// Told to callers with a token, whose requests are counted; their names are those of the interoperability model.
const RATE_LIMIT: [(&str, &str); 3] = [
    (
        "RateLimit-Limit",
        "Requests that the caller may send within a minute; not there where they are not counted",
    ),
    (
        "RateLimit-Remaining",
        "Requests that the caller may send at once; not there where they are not counted",
    ),
    (
        "RateLimit-Reset",
        "Seconds until the caller may send the whole limit again; not there where they are not counted",
    ),
];

/// Completes the headers of each operation's own answers, and puts the shared ones among the components.
pub(super) fn complete(document: &mut Value) {
    for operation in operations_mut(document) {
        let responses = operation["responses"].as_object_mut();
        for (status, response) in responses.into_iter().flatten() {
            complete_answer(status, response);
        }
    }
    let headers = &mut document["components"]["headers"];
    for (name, description) in RATE_LIMIT {
        headers[name] = json!({ "description": description, "schema": schema(name) });
    }
    headers["Retry-After"] = json!({
        "description": "When to come back, in seconds",
        "schema": schema("Retry-After"),
    });
}

fn complete_answer(status: &str, response: &mut Value) {
    if response.get("$ref").is_some() {
        return;
    }
    if let Some(headers) = response["headers"].as_object_mut() {
        for (name, header) in headers {
            header["schema"] = schema(name);
        }
    }
    if !status.starts_with('2') {
        remove_null(response, "headers");
        return;
    }
    if response["headers"]["Cache-Control"].is_null() {
        response["headers"]["Cache-Control"] = json!({
            "description": "`no-store`: it is never kept",
            "schema": schema("Cache-Control"),
        });
    }
    for (name, _) in RATE_LIMIT {
        response["headers"][name] = reference(name);
    }
}

/// Indexing by a key for writing leaves a null behind.
fn remove_null(object: &mut Value, key: &str) {
    if object[key].is_null()
        && let Some(object) = object.as_object_mut()
    {
        object.remove(key);
    }
}

/// The headers of a problem's answer.
pub(super) fn of_problem(status: &str) -> Value {
    let mut headers = Map::new();
    for (name, _) in RATE_LIMIT {
        headers.insert(name.into(), reference(name));
    }
    if matches!(status, "429" | "503") {
        headers.insert("Retry-After".into(), reference("Retry-After"));
    }
    headers.into()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

fn schema(name: &str) -> Value {
    match name {
        "Location" => json!({ "type": "string", "format": "uri", "maxLength": 2048 }),
        "ETag" => json!({ "type": "string", "pattern": "^\"[!#-~]+\"$", "maxLength": 100 }),
        "Vary" => json!({ "type": "string", "pattern": "^[A-Za-z, -]+$", "maxLength": 200 }),
        "Content-Disposition" => json!({
            "type": "string", "pattern": "^attachment; filename=\"[a-z0-9.-]+\"$", "maxLength": 200
        }),
        "Cache-Control" => json!({ "type": "string", "pattern": "^[a-z0-9=, -]+$", "maxLength": 100 }),
        _ => json!({ "type": "integer", "format": "int32", "minimum": 0, "maximum": 2_147_483_647 }),
    }
}
