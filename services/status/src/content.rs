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

/// The header with an operator's reason for reading.
const ACCESS_REASON: &str = "Access-Reason";

/// The content of an application, as on the register.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisteredContent)]
pub(crate) struct ContentView {
    /// The application's id.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// The benefit.
    #[schema(
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    benefit: String,
    /// The category of people, where the benefit has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "professionals",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    category: Option<String>,
    /// Instant of acceptance, which decides.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// Digest of the content as it was sent (RFC 9530).
    #[schema(max_length = 64, pattern = "^sha-256=:[A-Za-z0-9+/]{43}=:$")]
    content_digest: String,
    /// The mandate by which an intermediary acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64, pattern = "^.+$")]
    mandate: Option<String>,
    /// The person that the application is for.
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
    /// Given name; absent where the person has a single name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, pattern = "^.+$")]
    given_name: Option<String>,
    /// Present where the person has a single name, which is the family name then.
    #[serde(skip_serializing_if = "Option::is_none")]
    single_name: Option<bool>,
    /// Family name, or the single name.
    #[schema(max_length = 100, pattern = "^.+$")]
    family_name: String,
    /// Date of birth, where the applicant gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "1980-01-31",
        min_length = 10,
        max_length = 10,
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    )]
    birth_date: Option<String>,
    /// Email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 254, pattern = "^[^@]+@[^@]+$")]
    email: Option<String>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, pattern = "^\\+?[0-9]{6,15}$")]
    phone: Option<String>,
    /// Account for payments.
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
                single_name: content.given_name.is_none().then_some(true),
                given_name: content.given_name,
                family_name: content.family_name,
                birth_date: content.birth_date.map(|date| date.to_string()),
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
    /// Reason for which an operator reads: 10 to 200 characters, in UTF-8. The holders see it.
    /// Holders send none.
    #[param(
        rename = "Access-Reason",
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\p{C}]+$"
    )]
    access_reason: Option<String>,
}

/// Shows the content of an application.
///
/// For its holder, and for an operator who gives a reason in the header `Access-Reason`. All of
/// them see the same. Every read has an entry in the journal before it is answered, with
/// reader and reason; the holders see the journal at `accesses`.
#[utoipa::path(
    get,
    path = "/v1/applications/{id}/content",
    operation_id = "read_content",
    tag = "applications",
    params(("id" = uuid::Uuid, Path, description = "The application's id"), ApiDocAccessReason),
    responses((status = 200, description = "The content", body = ContentView), PageProblems),
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

/// Returns the reason, where the header occurs exactly once.
fn reason(request: &HttpRequest) -> Option<AccessReason> {
    let mut values = request.headers().get_all(ACCESS_REASON);
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    AccessReason::of_header(value.as_bytes()).ok()
}
