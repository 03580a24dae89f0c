//! `GET /v1/benefits`, `GET /v1/benefits/{id}` and `GET /openapi.json`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use sportello_domain::BenefitId;
use sportello_http::{Problem, PublicItemProblems, PublicProblems};

use crate::benefit_schema::{ApiDocBenefit, ApiDocBenefits, ApiDocIfNoneMatch};
use crate::pages::Pages;

/// Lists the benefits.
///
/// The same for everybody, in all languages at once; nobody needs a token.
#[utoipa::path(
    get,
    path = "/v1/benefits",
    operation_id = "list_benefits",
    tag = "benefits",
    params(ApiDocIfNoneMatch),
    responses(
        (status = 200, description = "The benefits", body = ApiDocBenefits, headers(
            ("ETag" = String, description = "The version of what is shown"),
            ("Cache-Control" = String, description = "`public, max-age=60`: anybody may keep it for a minute"),
        )),
        (status = 304, description = "As the caller has it"),
        PublicProblems,
    ),
    security(())
)]
pub(crate) async fn list_benefits(request: HttpRequest, pages: Data<Pages>) -> HttpResponse {
    pages.current().benefits.answer(&request)
}

/// Shows a benefit.
///
/// Everything that its file says, in all languages at once: conditions, opening, amounts, and the form as a JSON
/// Schema, one for each category where there are several. The same for everybody; nobody needs a token.
#[utoipa::path(
    get,
    path = "/v1/benefits/{id}",
    operation_id = "show_benefit",
    tag = "benefits",
    params(
        ("id" = String, Path, description = "The benefit's id", max_length = 64,
            pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "indemnity-march-2020"),
        ApiDocIfNoneMatch,
    ),
    responses(
        (status = 200, description = "The benefit", body = ApiDocBenefit, headers(
            ("ETag" = String, description = "The version of what is shown"),
            ("Cache-Control" = String, description = "`public, max-age=60`: anybody may keep it for a minute"),
        )),
        (status = 304, description = "As the caller has it"),
        PublicItemProblems,
    ),
    security(())
)]
pub(crate) async fn show_benefit(
    request: HttpRequest,
    pages: Data<Pages>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = BenefitId::parse(&id).map_err(|_| Problem::NotFound)?;
    let pages = pages.current();
    let page = pages.benefit.get(&id).ok_or(Problem::NotFound)?;
    Ok(page.answer(&request))
}

/// The OpenAPI document, which follows the catalogue.
pub(crate) async fn show_openapi(request: HttpRequest, pages: Data<Pages>) -> HttpResponse {
    pages.current().api_doc.answer(&request)
}
