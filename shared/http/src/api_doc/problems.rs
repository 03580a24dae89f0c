//! The shared answers with problems.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sportello_domain::{Language, Violation};

use super::operations;
use crate::problem::{Problem, component};

/// An answer: its status, its description, an example.
type Answer = (&'static str, &'static str, Option<Problem>);

#[expect(clippy::too_many_lines, reason = "a table, one entry a status")]
fn answers() -> [Answer; 15] {
    let missing = Violation::required(["applicant", "tax_code"]).localised(Language::English);
    [
        (
            "400",
            "A header or a query parameter is missing or invalid, or the body is not valid JSON",
            Some(Problem::IdempotencyKey),
        ),
        (
            "401",
            "No bearer token, or a refused one",
            Some(Problem::TokenMissing),
        ),
        (
            "403",
            "This caller may not do this, or not for this person",
            Some(Problem::NotOwnApplication),
        ),
        (
            "404",
            "Does not exist, or is not the caller's",
            Some(Problem::NotFound),
        ),
        ("408", "The body did not arrive in time", Some(Problem::TooSlow)),
        (
            "409",
            "Its state does not allow this: nothing was changed",
            Some(Problem::WrongState),
        ),
        (
            "412",
            "It was changed meanwhile: `changed` says who, when and why, `current` what is there",
            Some(Problem::Stale),
        ),
        (
            "413",
            "The body is too large",
            Some(Problem::TooLarge { limit: 65_536 }),
        ),
        (
            "415",
            "The body is not `application/json`",
            Some(Problem::MediaType {
                expected: "application/json",
            }),
        ),
        (
            "422",
            "The content has mistakes: see `violations`; nothing was accepted",
            Some(Problem::Invalid(vec![missing])),
        ),
        (
            "428",
            "`If-Match` is missing: nothing was changed",
            Some(Problem::VersionMissing),
        ),
        (
            "429",
            "Too many requests: come back after `Retry-After`",
            Some(Problem::TooManyRequests { retry_after: 2 }),
        ),
        ("500", "Internal error", Some(Problem::Internal)),
        (
            "503",
            "Temporarily unavailable: send the same request again after `Retry-After`",
            Some(Problem::Unavailable { retry_after: 2 }),
        ),
        ("default", "Any other problem", None),
    ]
}

/// Adds the answers that operations use to the document's components.
pub(super) fn complete(document: &mut Value) {
    let used = used(&document["paths"]);
    for (status, description, example) in answers() {
        let name = component(status);
        if !used.contains(&format!("#/components/responses/{name}")) {
            continue;
        }
        let mut content = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        if let Some(example) = example {
            content["example"] = json!(example.document());
        }
        document["components"]["responses"][name] = json!({
            "description": description,
            "headers": super::headers::of_problem(status),
            "content": { "application/problem+json": content },
        });
    }
}

fn used(paths: &Value) -> BTreeSet<String> {
    let responses = operations(paths).flat_map(|operation| operation["responses"].as_object());
    let references = responses.flat_map(|responses| responses.values());
    references
        .filter_map(|response| response["$ref"].as_str().map(str::to_owned))
        .collect()
}
