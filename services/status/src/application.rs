//! `GET /v1/applications/{id}`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::{ApplicationId, Language, LotteryTicket, Outcome, Reason};
use sportello_http::{ApiDocReader, Bearer, HolderProblems, Problem, Reader};
use sportello_store::RegisteredApplication;
use utoipa::{IntoParams, ToSchema};

use crate::lookup::{Found, Lookup};

/// The header with the receipt: it proves an application that no worker has registered yet.
const RECEIPT: &str = "Receipt";

/// The state of an application. While it is queued, the answer shows id and status alone, the same
/// for every receipt of this id: one key may have been used for two contents, and each has a
/// receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmittedApplication)]
pub(crate) struct View {
    /// The application's id.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// `queued` until a worker has decided on it, then the outcome.
    status: Status,
    /// The benefit, once registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    benefit: Option<String>,
    /// The category of people, where the benefit has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "professionals",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    category: Option<String>,
    /// Instant of acceptance, which decides, once registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Timestamp>,
    /// Digest of the content as it was sent (RFC 9530), once registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, pattern = "^sha-256=:[A-Za-z0-9+/]{43}=:$")]
    content_digest: Option<String>,
    /// What the office did to the content before it could be registered, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    mended: Option<MendedView>,
    /// Number of its registration, once registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2020-0000042", max_length = 32, pattern = "^[0-9]{4}-[0-9]{7,}$")]
    protocol_number: Option<String>,
    /// When it was registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    registered_at: Option<Timestamp>,
    /// Code of the reason for the status; it never changes its meaning.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "same_person", max_length = 64, pattern = "^[a-z_]+$")]
    reason: Option<Reason>,
    /// The reason for the status as a text, in the language that `Accept-Language` prefers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "The application received earlier for the same person and benefit counts.",
        max_length = 1000,
        pattern = "^.+$"
    )]
    explanation: Option<String>,
    /// The application that stands in place of this one. Shown only where both have the same
    /// submitter and the same applicant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    stands: Option<ApplicationId>,
    /// The amount applied for, in euro; absent where the benefit is no money.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 600, minimum = 0, maximum = 1_000_000_000_000_i64)]
    amount: Option<f64>,
    /// The version of the benefit's file that the decision follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0123456789abcdef", max_length = 16, pattern = "^[0-9a-f]{16}$")]
    catalogue_version: Option<String>,
    /// Its ticket, once registered: of use where the benefit's order is drawn by lot. It may be
    /// published, unlike the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, pattern = "^[0-9a-f]{64}$")]
    lottery_ticket: Option<String>,
    /// Other contents that were sent with the same idempotency key: they do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    conflicts: Vec<ConflictView>,
    /// The events of the application, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    history: Vec<EventView>,
}

/// The status of an application.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ApplicationStatus)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Queued,
    Registered,
    Duplicate,
    Incompatible,
    Reserve,
    Refused,
    Conflict,
    Withdrawn,
}

impl From<Outcome> for Status {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Registered => Self::Registered,
            Outcome::Duplicate => Self::Duplicate,
            Outcome::Incompatible => Self::Incompatible,
            Outcome::Reserve => Self::Reserve,
            Outcome::Refused => Self::Refused,
            Outcome::Conflict => Self::Conflict,
            Outcome::Withdrawn => Self::Withdrawn,
        }
    }
}

/// The content that was sent could not be registered, and the office mended it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MendedContent)]
struct MendedView {
    /// Digest of the content as it was sent: the one in the receipt (RFC 9530).
    #[schema(max_length = 64, pattern = "^sha-256=:[A-Za-z0-9+/]{43}=:$")]
    sent_digest: String,
    /// When the office mended it. The journal says why.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// Another content that was sent with the same idempotency key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Conflict)]
struct ConflictView {
    /// Digest of that content (RFC 9530).
    #[schema(max_length = 64, pattern = "^sha-256=:[A-Za-z0-9+/]{43}=:$")]
    content_digest: String,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// Always `conflict`.
    status: Status,
    /// Code of the reason; it never changes its meaning.
    #[schema(value_type = String, example = "key_reused", max_length = 64, pattern = "^[a-z_]+$")]
    reason: Reason,
    /// The reason and what to do, as a text in the language that `Accept-Language` prefers.
    #[schema(max_length = 1000, pattern = "^.+$")]
    explanation: String,
}

/// An event of an application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
struct EventView {
    /// Instant of the event.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Kind: `registered`, `mended`, `decided` anew, `received_earlier`, `replaced` or `conflict`.
    #[schema(max_length = 64, pattern = "^[a-z_]+$")]
    event: &'static str,
    /// The outcome, where the event decided one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "duplicate", max_length = 64, pattern = "^[a-z_]+$")]
    status: Option<Outcome>,
    /// Code of the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "same_person", max_length = 64, pattern = "^[a-z_]+$")]
    reason: Option<Reason>,
}

impl View {
    fn decided(application: RegisteredApplication, language: Language) -> Self {
        let conflicts = application.conflicts.into_iter().map(|conflict| ConflictView {
            content_digest: conflict.content_digest.to_string(),
            received_at: conflict.received_at,
            status: Status::Conflict,
            reason: Reason::KeyReused,
            explanation: Reason::KeyReused.text().in_language(language).to_owned(),
        });
        let history = application.history.into_iter();
        Self {
            id: application.id,
            status: application.outcome.into(),
            benefit: Some(application.benefit.to_string()),
            category: application.category.map(|category| category.to_string()),
            received_at: Some(application.received_at),
            content_digest: Some(application.content_digest.to_string()),
            mended: application.mended.map(|mended| MendedView {
                sent_digest: mended.sent_digest.to_string(),
                at: mended.at,
            }),
            protocol_number: Some(application.protocol.to_string()),
            registered_at: Some(application.registered_at),
            explanation: Some(application.reason.text().in_language(language).to_owned()),
            reason: Some(application.reason),
            stands: application.stands,
            amount: application.amount_cents.map(euro),
            catalogue_version: Some(application.decided_with.to_string()),
            lottery_ticket: Some(LotteryTicket::of(application.id).to_string()),
            conflicts: conflicts.collect(),
            history: history
                .map(|entry| EventView {
                    at: entry.at,
                    event: entry.event.as_str(),
                    status: entry.outcome,
                    reason: entry.reason,
                })
                .collect(),
        }
    }

    /// Returns the view of an accepted application of which nothing more is known.
    pub(crate) fn queued(id: ApplicationId) -> Self {
        Self {
            id,
            status: Status::Queued,
            benefit: None,
            category: None,
            received_at: None,
            content_digest: None,
            mended: None,
            protocol_number: None,
            registered_at: None,
            reason: None,
            explanation: None,
            stands: None,
            amount: None,
            catalogue_version: None,
            lottery_ticket: None,
            conflicts: Vec::new(),
            history: Vec::new(),
        }
    }
}

/// Returns euro as a JSON number with at most two decimals.
#[expect(clippy::cast_precision_loss, reason = "exact below 90,000 billion euro")]
fn euro(cents: i64) -> f64 {
    cents as f64 / 100.0
}

/// Shows an application and its status.
///
/// For its holders, the submitter and the applicant. Both see the same; the texts follow
/// `Accept-Language`. An application that no worker has registered yet is found with its receipt in
/// the header `Receipt`. Every other caller gets the answer for an id that does not exist. Each
/// read of a registered application has an entry in its journal, made before the answer.
#[utoipa::path(
    get,
    path = "/v1/applications/{id}",
    operation_id = "find_application",
    tag = "applications",
    params(("id" = uuid::Uuid, Path, description = "The application's id"), ApiDocReceipt, ApiDocReader),
    responses((status = 200, description = "The application", body = View), HolderProblems),
    security(("bearer" = []))
)]
pub(crate) async fn get_application(
    request: HttpRequest,
    Bearer(caller): Bearer,
    Reader(language): Reader,
    lookup: Data<Lookup>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = match lookup.find(&caller, &id, receipt(&request)).await? {
        Found::Decided(application) => View::decided(application, language),
        Found::Queued(id) => View::queued(id),
    };
    Ok(HttpResponse::Ok().json(view))
}

/// The header that finds an application before a worker has registered it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
pub(crate) struct ApiDocReceipt {
    /// The receipt, as intake issued it: a signed JWT (RFC 7519), or an SD-JWT (RFC 9901) of
    /// before.
    #[param(
        rename = "Receipt",
        max_length = 4096,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+(~[A-Za-z0-9_-]+~)?$"
    )]
    receipt: Option<String>,
}

/// Returns the receipt in the request's header.
pub(crate) fn receipt(request: &HttpRequest) -> Option<&str> {
    request.headers().get(RECEIPT)?.to_str().ok()
}
