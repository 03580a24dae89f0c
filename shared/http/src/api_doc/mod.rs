//! What the OpenAPI documents of all services share.
//!
//! They keep to the Italian interoperability guidelines as their linter (`italia/api-oas-checker`) reads them:
//! problem documents for every error, the headers of caching and rate limits, bounds for whatever comes in or goes out.

mod bounds;
mod headers;
mod problems;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::OpenApi as _;

pub use problems::{
    HolderProblems, ItemSenderProblems, PageProblems, PublicChoiceProblems, PublicItemProblems,
    PublicProblems, SenderProblems,
};

use crate::health::HealthApi;

/// Where callers reach an installation; each has a host of its own.
const SERVER: &str = "https://sportello.example.org";

/// What the operations are about.
const TAGS: [(&str, &str); 6] = [
    (
        "applications",
        "Sending applications, and asking what became of them",
    ),
    ("batches", "Sending many applications at once"),
    (
        "benefits",
        "What can be applied for, until when, and with which form",
    ),
    ("channels", "Whether applications are taken now, and by which way"),
    ("health", "Whether the service lives and can work"),
    ("receipts", "Checking receipts without asking anybody"),
];

/// The document of a service as callers get it: what its code says, with all that the services have in common.
///
/// `service` is an OpenAPI document; `name` the service's; `summary` says in one line, of less than 80 characters,
/// what it does.
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

fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Adds what `from` has; where both have something that is no object, `from`'s stands.
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

/// The tags that the operations use.
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
