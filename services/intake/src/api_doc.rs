//! The OpenAPI document of intake: what the code says, and the forms of the benefits in the catalogue.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde_json::Value;
use sportello_http::{ApiDocProblem, api_document};
use utoipa::{OpenApi, ToSchema};

use crate::{acceptance, receipt_keys, submit_application};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sportello intake",
        description = "Accepts applications for public benefits, and shows which there are. The forms of the benefits are \
                       data: this document follows them."
    ),
    paths(submit_application::submit_application, receipt_keys::get_receipt_keys),
    components(schemas(acceptance::Accepted, ApiDocProblem, ApiDocApplication))
)]
struct Api;

/// What is asked for, for whom, and the answers to the benefit's form.
#[derive(ToSchema)]
#[schema(as = Application)]
#[expect(dead_code, reason = "describes `Application` in the OpenAPI document")]
pub(crate) struct ApiDocApplication {
    /// What is asked for.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    benefit: String,
    /// The group of people, where the benefit has several.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    category: Option<String>,
    /// The person that it is for.
    applicant: ApiDocApplicant,
    /// Answers to the benefit's form.
    answers: Option<serde_json::Map<String, Value>>,
}

/// The person that an application is for.
#[derive(ToSchema)]
#[schema(as = Applicant)]
#[expect(dead_code, reason = "describes `Applicant` in the OpenAPI document")]
struct ApiDocApplicant {
    /// Codice fiscale: 16 characters, or 11 digits where it is provisional. Case and spaces do not matter.
    #[schema(format = "tax-code")]
    tax_code: String,
    /// Given name.
    #[schema(min_length = 1, max_length = 100, pattern = "^[^\\u0000-\\u001f]+$")]
    given_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 100, pattern = "^[^\\u0000-\\u001f]+$")]
    family_name: String,
    /// Where to write.
    #[schema(format = "email")]
    email: Option<String>,
    /// Where to call (E.164).
    #[schema(format = "phone")]
    phone: Option<String>,
    /// Where to pay (ISO 13616).
    #[schema(format = "iban")]
    iban: Option<String>,
}

/// The OpenAPI 3.1 document of intake.
#[must_use]
pub fn api_doc() -> Value {
    api_document(
        Api::openapi(),
        "intake",
        "Accepts applications for public benefits",
    )
}

/// The document, the same for everybody.
pub(crate) async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(api_doc())
}
