//! `GET /v1/benefits`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use sportello_catalogue::Benefits;
use sportello_http::PublicProblems;

use crate::pages::{ApiDocIfNoneMatch, Pages};

/// Lists the benefits.
///
/// The same for every caller, in all languages at once. No token is needed.
#[utoipa::path(
    get,
    path = "/v1/benefits",
    operation_id = "list_benefits",
    tag = "benefits",
    params(ApiDocIfNoneMatch),
    responses(
        (status = 200, description = "The benefits", body = Benefits, headers(
            ("ETag" = String, description = "The version of the list"),
            ("Cache-Control" = String, description = "`public, max-age=60`: any cache may keep it for a minute"),
        )),
        (status = 304, description = "Unchanged since the caller's version"),
        PublicProblems,
    ),
    security(())
)]
pub(crate) async fn list_benefits(request: HttpRequest, pages: Data<Pages>) -> HttpResponse {
    pages.current().benefits.answer(&request)
}
