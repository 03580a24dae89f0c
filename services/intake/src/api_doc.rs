//! `GET /openapi.json`

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use sportello_http::{ApiDocProblem, BearerToken};
use utoipa::{OpenApi, ToSchema};

use crate::{acceptance, receipt_keys, submit_application};

/// The OpenAPI 3.1 document of intake.
#[derive(OpenApi)]
#[openapi(
    info(title = "Sportello intake", description = "Accepts applications for public benefits."),
    paths(submit_application::submit_application, receipt_keys::get_receipt_keys),
    components(schemas(acceptance::Accepted, ApiDocProblem, ApiDocApplication)),
    modifiers(&BearerToken)
)]
#[derive(Debug)]
pub struct ApiDoc;

/// What is asked for, for whom, and the answers to the benefit's form.
#[derive(ToSchema)]
#[schema(as = Application)]
#[expect(dead_code, reason = "describes `Application` in the OpenAPI document")]
pub(crate) struct ApiDocApplication {
    /// What is asked for.
    #[schema(
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    benefit: String,
    /// The group of people, where the benefit has several.
    #[schema(
        example = "self-employed",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    category: Option<String>,
    /// The person that it is for.
    applicant: ApiDocApplicant,
    /// Answers to the benefit's form.
    answers: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The person that an application is for.
#[derive(ToSchema)]
#[schema(as = Applicant)]
#[expect(dead_code, reason = "describes `Applicant` in the OpenAPI document")]
struct ApiDocApplicant {
    /// Codice fiscale: 16 characters, or 11 digits where it is provisional. Case and spaces do not matter.
    #[schema(max_length = 64)]
    tax_code: String,
    /// Given name.
    #[schema(min_length = 1, max_length = 100)]
    given_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 100)]
    family_name: String,
    /// Where to write.
    #[schema(max_length = 254, format = "email")]
    email: Option<String>,
    /// Where to call (E.164).
    #[schema(max_length = 32)]
    phone: Option<String>,
    /// Where to pay (ISO 13616).
    #[schema(max_length = 100)]
    iban: Option<String>,
}

/// The document, the same for everybody.
pub(crate) async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(ApiDoc::openapi())
}
