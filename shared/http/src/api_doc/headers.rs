//! The headers of answers.

use serde_json::{Map, Value, json};

use super::operations_mut;

/// Headers of answers to callers with a token, whose requests are counted. The interoperability
/// model defines the names.
const RATE_LIMIT: [(&str, &str); 3] = [
    (
        "RateLimit-Limit",
        "Requests that the caller may send at once after a pause; absent where requests are not limited",
    ),
    (
        "RateLimit-Remaining",
        "Requests that the caller may still send at once; absent where requests are not limited",
    ),
    (
        "RateLimit-Reset",
        "Seconds until the caller may send the full number again; absent where requests are not limited",
    ),
];

/// Completes the headers of each operation's own answers, and adds the shared ones to the
/// components.
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
        "description": "Seconds to wait before the next attempt",
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
            "description": "`no-store`: the answer is never stored",
            "schema": schema("Cache-Control"),
        });
    }
    for (name, _) in RATE_LIMIT {
        response["headers"][name] = reference(name);
    }
}

/// Removes the null that indexing by a key for writing leaves behind.
fn remove_null(object: &mut Value, key: &str) {
    if object[key].is_null()
        && let Some(object) = object.as_object_mut()
    {
        object.remove(key);
    }
}

/// Returns the headers of a problem's answer.
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
