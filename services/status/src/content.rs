//! `GET /v1/applications/{id}/content`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sportello_domain::{AccessReason, ApplicationId};
use sportello_http::{Bearer, PageProblems, Problem};
use sportello_store::RegisteredContent;
use utoipa::{IntoParams, ToSchema};

use crate::lookup::Lookup;

/// The header by which an operator says why they read.
const ACCESS_REASON: &str = "Access-Reason";

/// What was sent, as it is on the register.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisteredContent)]
pub(crate) struct ContentView {
    /// The application's id.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// What was asked for.
    #[schema(
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    benefit: String,
    /// The group of people, where the benefit has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "professionals",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    category: Option<String>,
    /// When it was accepted: the instant that counts.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// Digest of the content as it was sent (RFC 9530).
    #[schema(max_length = 64, pattern = "^sha-256=:[A-Za-z0-9+/]{43}=:$")]
    content_digest: String,
    /// What an intermediary acted with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64, pattern = "^.+$")]
    mandate: Option<String>,
    /// Whom it is for.
    applicant: ApplicantView,
    /// Answers to the benefit's form.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    answers: Value,
}

/// The person that an application is for.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisteredApplicant)]
struct ApplicantView {
    /// Codice fiscale.
    #[schema(max_length = 16, pattern = "^([A-Z0-9]{16}|[0-9]{11})$")]
    tax_code: String,
    /// Given name.
    #[schema(max_length = 100, pattern = "^.+$")]
    given_name: String,
    /// Family name.
    #[schema(max_length = 100, pattern = "^.+$")]
    family_name: String,
    /// Where to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 254, pattern = "^[^@]+@[^@]+$")]
    email: Option<String>,
    /// Where to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, pattern = "^\\+?[0-9]{6,15}$")]
    phone: Option<String>,
    /// Where to pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 34, pattern = "^[A-Z0-9]{15,34}$")]
    iban: Option<String>,
}

impl From<RegisteredContent> for ContentView {
    fn from(content: RegisteredContent) -> Self {
        Self {
            id: content.id,
            benefit: content.benefit.to_string(),
            category: content.category.map(|category| category.to_string()),
            received_at: content.received_at,
            content_digest: content.content_digest.to_string(),
            mandate: content.mandate,
            applicant: ApplicantView {
                tax_code: content.tax_code.as_str().to_owned(),
                given_name: content.given_name,
                family_name: content.family_name,
                email: content.email,
                phone: content.phone,
                iban: content.iban,
            },
            answers: content.answers,
        }
    }
}

/// The header of this operation.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
struct ApiDocAccessReason {
    /// Why an operator reads it: 10 to 200 characters, in UTF-8, which the holders are shown. Holders send none.
    #[param(
        rename = "Access-Reason",
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\p{C}]+$"
    )]
    access_reason: Option<String>,
}

/// Tells what was sent.
///
/// For its holder, and for an operator who says why in the header `Access-Reason`: the same to all of them. Every read is
/// recorded before it is answered, with who read and why; the holders see the journal at `accesses`.
#[utoipa::path(
    get,
    path = "/v1/applications/{id}/content",
    operation_id = "read_content",
    tag = "applications",
    params(("id" = uuid::Uuid, Path, description = "The application's id"), ApiDocAccessReason),
    responses((status = 200, description = "What was sent", body = ContentView), PageProblems),
    security(("bearer" = []))
)]
pub(crate) async fn get_content(
    request: HttpRequest,
    Bearer(caller): Bearer,
    lookup: Data<Lookup>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let content = lookup.content(caller, &id, reason(&request)).await?;
    Ok(HttpResponse::Ok().json(ContentView::from(content)))
}

/// The reason, where there is exactly one.
fn reason(request: &HttpRequest) -> Option<AccessReason> {
    let mut values = request.headers().get_all(ACCESS_REASON);
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    AccessReason::of_header(value.as_bytes()).ok()
}
