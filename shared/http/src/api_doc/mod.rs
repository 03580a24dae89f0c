//! The shared parts of the OpenAPI documents of all services.
//!
//! They follow the Italian interoperability guidelines as their linter (`italia/api-oas-checker`)
//! checks them: problem documents for every error, headers for caching and rate limits, bounds for
//! all input and output.

mod bounds;
mod headers;
mod problems;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::OpenApi as _;

use crate::health::HealthApi;

/// The address of an example installation; each installation has its own host.
const SERVER: &str = "https://sportello.example.org";

/// The tags of the operations, with their descriptions.
const TAGS: [(&str, &str); 8] = [
    ("applications", "Sending applications and reading their outcome"),
    ("batches", "Sending many applications at once"),
    (
        "benefits",
        "Benefits to apply for, with their deadlines and forms",
    ),
    ("channels", "Which channels accept applications now"),
    ("decisions", "What operators decide"),
    ("health", "Whether the service is running and ready"),
    ("operation", "What operators see"),
    ("receipts", "Checking receipts without asking the office"),
];

/// Returns the OpenAPI document of a service as callers get it, completed with the parts that all
/// services share.
///
/// `service` is the document derived from the code, `name` the name of the service, `summary` its
/// purpose in one line of fewer than 80 characters.
#[must_use]
pub fn api_document(service: impl Serialize, name: &str, summary: &str) -> Value {
    let mut document = json(HealthApi::openapi());
    merge(&mut document, json(service));
    describe(&mut document["info"], name, summary);
    document["servers"] = json!([{ "url": SERVER, "description": "An installation" }]);
    document["tags"] = tags(&document["paths"]);
    document["security"] = json!([{ "bearer": [] }]);
    document["components"]["securitySchemes"]["bearer"] = json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token in the header Authorization (RFC 6750), checked as RFC8725 demands: \
                        algorithms, issuer and audience are pinned.",
    });
    problems::complete(&mut document);
    headers::complete(&mut document);
    bounds::close(&mut document);
    document
}

#[expect(clippy::expect_used, reason = "a document of `null` would hide the fault")]
fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("an OpenAPI document is JSON")
}

/// Merges `from` into `into`. Where both have a value that is not an object, `from` wins.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn describe(info: &mut Value, name: &str, summary: &str) {
    info["x-api-id"] = format!("urn:sportello:api:{name}").into();
    info["x-summary"] = summary.into();
    info["termsOfService"] = format!("{SERVER}/terms").into();
    info["license"] = json!({ "name": "EUPL-1.2", "identifier": "EUPL-1.2" });
    info["contact"] = json!({
        "name": "Sportello",
        "url": SERVER,
        "email": "api@sportello.example.org",
    });
}

/// Returns the tags that the operations use.
fn tags(paths: &Value) -> Value {
    let used = |tag: &str| operations(paths).any(|operation| operation["tags"][0] == tag);
    let tags = TAGS.iter().filter(|(name, _)| used(name));
    tags.map(|(name, description)| json!({ "name": name, "description": description }))
        .collect()
}

fn operations(paths: &Value) -> impl Iterator<Item = &Value> {
    let paths = paths.as_object().into_iter().flat_map(|paths| paths.values());
    paths.flat_map(|path| path.as_object().into_iter().flat_map(|path| path.values()))
}

fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter();
    let paths = paths.flat_map(|paths| paths.values_mut());
    paths.flat_map(|path| {
        path.as_object_mut()
            .into_iter()
            .flat_map(|path| path.values_mut())
    })
}
