//! `GET /v1/workers`

use actix_web::HttpResponse;
use actix_web::http::header::ETAG;
use actix_web::web::Data;
use sportello_http::{OperatorProblems, Problem};

use crate::operator::Operator;
use crate::parts::{Parts, UNAVAILABLE, problem};
use crate::setting::InForce;
use crate::views::workers::Workers;

/// Shows the workers' setting, and its effect.
///
/// What is wanted, what runs and why stand together.
#[utoipa::path(
    get,
    path = "/v1/workers",
    operation_id = "show_workers",
    tag = "operation",
    responses(
        (status = 200, description = "The setting and its effect", body = Workers, headers(
            ("ETag" = String, description = "The version, for If-Match"),
        )),
        OperatorProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn show_workers(_: Operator, parts: Data<Parts>) -> Result<HttpResponse, Problem> {
    Ok(answer(workers(&parts).await?))
}

/// Reads the setting in force, with its effect.
///
/// # Errors
/// [`Problem::Unavailable`] while the database is away.
pub(crate) async fn workers(parts: &Parts) -> Result<Workers, Problem> {
    let InForce {
        version,
        setting,
        changed,
    } = InForce::read(&parts.store, parts.of_start)
        .await
        .map_err(problem)?;
    let newest = parts.shown.newest().ok_or(UNAVAILABLE)?;
    Ok(Workers {
        version,
        target: setting.target,
        manual: setting.manual,
        floor: setting.floor,
        ceiling: setting.ceiling,
        changed,
        hands: parts.hands,
        now: newest.now.workers.clone(),
    })
}

/// Returns the answer with its version.
pub(crate) fn answer(workers: Workers) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, format!("\"{}\"", workers.version)))
        .json(workers)
}
