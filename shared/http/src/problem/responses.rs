//! The problems that operations answer with, as their OpenAPI documents refer to them.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{Ref, RefOr, Response};

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

/// The problems of an operation that reads for an operator.
#[derive(Debug, Clone, Copy)]
pub struct OperatorProblems;

/// The problems of an operation that changes something for an operator.
#[derive(Debug, Clone, Copy)]
pub struct ChangeProblems;

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

impl IntoResponses for OperatorProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&["400", "401", "403", "404", "429", "500", "503", "default"])
    }
}

impl IntoResponses for ChangeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&[
            "400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "428", "429", "500", "503",
            "default",
        ])
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
    let reference =
        |status: &str| RefOr::Ref(Ref::new(format!("#/components/responses/{}", component(status))));
    statuses
        .iter()
        .map(|status| ((*status).to_owned(), reference(status)))
        .collect()
}

/// Returns the name of the answer with this status among the components of a document.
pub(crate) fn component(status: &str) -> String {
    match status {
        "default" => "Problem".into(),
        status => format!("Problem{status}"),
    }
}
