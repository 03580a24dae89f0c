//! `GET /v1/benefits/{id}`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use sportello_catalogue::BenefitDocument;
use sportello_domain::BenefitId;
use sportello_http::{Problem, PublicItemProblems};

use crate::pages::{ApiDocIfNoneMatch, Pages};

/// Shows a benefit.
///
/// The whole file of the benefit, in all languages at once: conditions, opening, amounts, and the
/// form as a JSON Schema, one for each category where there are several. The same for every caller.
/// No token is needed.
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
        (status = 200, description = "The benefit", body = BenefitDocument, headers(
            ("ETag" = String, description = "The version of the benefit"),
            ("Cache-Control" = String, description = "`public, max-age=60`: any cache may keep it for a minute"),
        )),
        (status = 304, description = "Unchanged since the caller's version"),
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
