//! `GET /v1/now`

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Data;
use sportello_http::{OperatorProblems, Problem};

use crate::operator::Operator;
use crate::parts::{Parts, UNAVAILABLE};
use crate::views::now::Now;

/// Shows the newest second.
///
/// One task reads it once a second for all viewers. A value that can't be read says since when.
#[utoipa::path(
    get,
    path = "/v1/now",
    operation_id = "show_now",
    tag = "operation",
    responses((status = 200, description = "The newest second", body = Now), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn show_now(_: Operator, parts: Data<Parts>) -> Result<HttpResponse, Problem> {
    let newest = parts.shown.newest().ok_or(UNAVAILABLE)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(newest.json()))
}
