//! `GET /v1/applications/{id}` and `GET /v1/applications/{id}/status`

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::{ApplicationId, Receipt};
use sportello_http::{ApiDocProblem, Bearer, Problem};
use sportello_store::RegisteredApplication;
use utoipa::ToSchema;

use crate::lookup::{Found, Lookup};

/// The header that carries the receipt: proof of an application that no worker has reached yet.
const RECEIPT: &str = "Receipt";

/// What became of an application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Application)]
pub(crate) struct View {
    /// The application's id.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// `queued` until a worker reached it, then what was decided: `registered`, `duplicate`, `incompatible`,
    /// `reserve` or `refused`.
    status: &'static str,
    /// What was asked for.
    benefit: String,
    /// The group of people, where the benefit has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    /// When it was accepted: the instant that counts.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// Digest of the content as it was sent (RFC 9530).
    content_digest: String,
    /// Number of its registration, once registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2020-0000042")]
    protocol_number: Option<String>,
    /// When it was put on the register.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    registered_at: Option<Timestamp>,
    /// Other contents that were sent with the same idempotency key: they do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<ConflictView>,
    /// What happened to it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    history: Vec<EventView>,
}

/// Another content that was sent with the same idempotency key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Conflict)]
struct ConflictView {
    /// Digest of that content (RFC 9530).
    content_digest: String,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
struct EventView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What: `registered`, `received_earlier` or `conflict`.
    event: &'static str,
}

impl From<RegisteredApplication> for View {
    fn from(application: RegisteredApplication) -> Self {
        let conflicts = application.conflicts.into_iter().map(|conflict| ConflictView {
            content_digest: conflict.content_digest.to_string(),
            received_at: conflict.received_at,
        });
        let history = application.history.into_iter();
        Self {
            id: application.id,
            status: application.outcome.as_str(),
            benefit: application.benefit.to_string(),
            category: application.category.map(|category| category.to_string()),
            received_at: application.received_at,
            content_digest: application.content_digest.to_string(),
            protocol_number: Some(application.protocol.to_string()),
            registered_at: Some(application.registered_at),
            conflicts: conflicts.collect(),
            history: history
                .map(|entry| EventView {
                    at: entry.at,
                    event: entry.event.as_str(),
                })
                .collect(),
        }
    }
}

impl From<Receipt> for View {
    fn from(receipt: Receipt) -> Self {
        Self {
            id: receipt.application_id,
            status: "queued",
            benefit: receipt.benefit.to_string(),
            category: None,
            received_at: receipt.received_at,
            content_digest: receipt.content_digest.to_string(),
            protocol_number: None,
            registered_at: None,
            conflicts: Vec::new(),
            history: Vec::new(),
        }
    }
}

/// What became of an application, for its holder: its submitter or its applicant.
///
/// An application that no worker has reached yet is found with its receipt in the header `Receipt`. For anybody
/// else the answer is that of an id that does not exist.
#[utoipa::path(
    get,
    path = "/v1/applications/{id}",
    operation_id = "get_application",
    params(
        ("id" = uuid::Uuid, Path, description = "The application's id"),
        ("Receipt" = Option<String>, Header, description = "The receipt, a JWS in compact form"),
    ),
    responses(
        (status = 200, description = "What became of it", body = View),
        (status = "4XX", description = "Not found, or not the caller's", body = ApiDocProblem,
            content_type = "application/problem+json"),
        (status = 503, description = "Unavailable for a moment", body = ApiDocProblem,
            content_type = "application/problem+json", headers(("Retry-After" = u32, description = "Seconds"))),
        (status = "default", description = "A fault of the service", body = ApiDocProblem,
            content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub(crate) async fn get_application(
    request: HttpRequest,
    Bearer(caller): Bearer,
    lookup: Data<Lookup>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = match lookup.find(&caller, &id, receipt(&request)).await? {
        Found::Decided(application) => View::from(*application),
        Found::Queued(receipt) => View::from(receipt),
    };
    Ok(HttpResponse::Ok().json(view))
}

/// Whether the application has been decided on: `200` while it is queued, `303` to the application afterwards
/// (the Italian interoperability model's NONBLOCK_PULL_REST).
#[utoipa::path(
    get,
    path = "/v1/applications/{id}/status",
    operation_id = "get_application_status",
    params(
        ("id" = uuid::Uuid, Path, description = "The application's id"),
        ("Receipt" = Option<String>, Header, description = "The receipt, a JWS in compact form"),
    ),
    responses(
        (status = 200, description = "Queued: ask again after Retry-After", body = View,
            headers(("Retry-After" = u32, description = "Seconds"))),
        (status = 303, description = "Decided",
            headers(("Location" = String, description = "The application"))),
        (status = "4XX", description = "Not found, or not the caller's", body = ApiDocProblem,
            content_type = "application/problem+json"),
        (status = 503, description = "Unavailable for a moment", body = ApiDocProblem,
            content_type = "application/problem+json", headers(("Retry-After" = u32, description = "Seconds"))),
        (status = "default", description = "A fault of the service", body = ApiDocProblem,
            content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub(crate) async fn get_application_status(
    request: HttpRequest,
    Bearer(caller): Bearer,
    lookup: Data<Lookup>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(match lookup.find(&caller, &id, receipt(&request)).await? {
        Found::Decided(application) => HttpResponse::SeeOther()
            .insert_header((LOCATION, lookup.location(application.id)))
            .finish(),
        Found::Queued(receipt) => HttpResponse::Ok()
            .insert_header(("Retry-After", "1"))
            .json(View::from(receipt)),
    })
}

fn receipt(request: &HttpRequest) -> Option<&str> {
    request.headers().get(RECEIPT)?.to_str().ok()
}
