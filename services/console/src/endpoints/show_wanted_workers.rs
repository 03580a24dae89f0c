//! `GET /v1/workers/wanted`

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest as _, HttpRequest, HttpResponse};
use secrecy::{ExposeSecret as _, SecretString};
use sportello_domain::ContentDigest;
use sportello_http::{OperatorProblems, Problem};

use crate::operator::Operator;
use crate::parts::{Parts, UNAVAILABLE};
use crate::views::workers::WantedWorkers;

/// Shows the wanted number of workers alone.
///
/// For KEDA's trigger `metrics-api` and for agents that start and stop workers: they send the
/// console's `AGENT_TOKEN` as their bearer token. Operators may read it too. While the number is
/// not known the answer is `503`, never a guess.
#[utoipa::path(
    get,
    path = "/v1/workers/wanted",
    operation_id = "show_wanted_workers",
    tag = "operation",
    responses((status = 200, description = "The wanted number", body = WantedWorkers), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn show_wanted_workers(
    request: HttpRequest,
    parts: Data<Parts>,
) -> Result<HttpResponse, Problem> {
    if !is_agent(&request, parts.agent_token.as_ref()) {
        Operator::extract(&request).await?;
    }
    let wanted = parts.wanted.borrow().clone().ok_or(UNAVAILABLE)?;
    Ok(HttpResponse::Ok().json(WantedWorkers {
        wanted: wanted.workers,
    }))
}

/// Whether the request has the agents' token. Digests are compared, so that the time of the
/// comparison reveals nothing of the token.
fn is_agent(request: &HttpRequest, token: Option<&SecretString>) -> bool {
    let sent = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.strip_prefix("Bearer "));
    sent.zip(token).is_some_and(|(sent, token)| {
        ContentDigest::of(sent.as_bytes()) == ContentDigest::of(token.expose_secret().as_bytes())
    })
}
