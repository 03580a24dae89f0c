//! The problems that operations answer with.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sportello_domain::{Language, Violation};
use utoipa::IntoResponses;
use utoipa::openapi::{Ref, RefOr, Response};

use super::operations;
use crate::problem::Problem;

/// The problems of an operation that needs no token.
#[derive(Debug, Clone, Copy)]
pub struct PublicProblems;

/// The problems of an operation on one item that needs no token.
#[derive(Debug, Clone, Copy)]
pub struct PublicItemProblems;

/// The problems of an operation on one item that needs no token and has options.
#[derive(Debug, Clone, Copy)]
pub struct PublicChoiceProblems;

/// The problems of an operation that reads for the holder of an application.
#[derive(Debug, Clone, Copy)]
pub struct HolderProblems;

/// The problems of an operation that requests a change of an application, without a body.
#[derive(Debug, Clone, Copy)]
pub struct RequestProblems;

/// The problems of an operation that reads a page of a list, or reads for a stated reason.
#[derive(Debug, Clone, Copy)]
pub struct PageProblems;

/// The problems of an operation that receives a content for one item.
#[derive(Debug, Clone, Copy)]
pub struct ItemSenderProblems;

/// The problems of an operation that receives a content.
#[derive(Debug, Clone, Copy)]
pub struct SenderProblems;

impl IntoResponses for PublicProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&["429", "500", "503", "default"])
    }
}

impl IntoResponses for PublicItemProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&["404", "429", "500", "503", "default"])
    }
}

impl IntoResponses for PublicChoiceProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&["404", "422", "429", "500", "503", "default"])
    }
}

impl IntoResponses for HolderProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&["401", "404", "429", "500", "503", "default"])
    }
}

impl IntoResponses for RequestProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&["401", "403", "404", "429", "500", "503", "default"])
    }
}

impl IntoResponses for PageProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&["400", "401", "404", "429", "500", "503", "default"])
    }
}

impl IntoResponses for ItemSenderProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[
            "400", "401", "403", "404", "408", "413", "415", "422", "429", "500", "503", "default",
        ])
    }
}

impl IntoResponses for SenderProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[
            "400", "401", "403", "408", "413", "415", "422", "429", "500", "503", "default",
        ])
    }
}

fn references(statuses: &[&str]) -> BTreeMap<String, RefOr<Response>> {
    let reference = |status: &str| RefOr::Ref(Ref::new(format!("#/components/responses/{}", name(status))));
    statuses
        .iter()
        .map(|status| ((*status).to_owned(), reference(status)))
        .collect()
}

fn name(status: &str) -> String {
    match status {
        "default" => "Problem".into(),
        status => format!("Problem{status}"),
    }
}

/// An answer: its status, its description, an example.
type Answer = (&'static str, &'static str, Option<Problem>);

fn answers() -> [Answer; 12] {
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
        let name = name(status);
        if !used.contains(&format!("#/components/responses/{name}")) {
            continue;
        }
        let mut content = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        if let Some(example) = example {
            content["example"] = example.document();
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
