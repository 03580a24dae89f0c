//! `POST /v1/applications`

use std::time::Duration;

use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use sportello_domain::Application;
use sportello_http::{ApiDocReader, Bearer, Problem, Reader, SenderProblems, read_body};

use crate::accept::{Accepted, unwritten};
use crate::request::{ApiDocKey, JSON, Open, check_media_type, idempotency_key};
use crate::validate::Sent;

/// Most bytes of a body. A complete application with a family's data has about 2 kB.
const BODY_LIMIT: usize = 64 * 1024;
/// Capacity that is enough for most answers, in bytes.
const ANSWER_BYTES: usize = 2048;
/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// Sends an application.
///
/// `202` means that the application is kept durably and will be decided on. After any other answer,
/// or none, send the same request with the same `Idempotency-Key` again: it stays one application.
#[utoipa::path(
    post,
    path = "/v1/applications",
    operation_id = "submit_application",
    tag = "applications",
    request_body(
        content = Application,
        content_type = "application/json",
        description = "The application, of at most 64 KiB"
    ),
    params(ApiDocKey, ApiDocReader),
    responses(
        (status = 202, description = "Accepted: kept durably", body = Accepted,
            headers(("Location" = String, description = "The application at the status service"))),
        SenderProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn submit_application(
    request: HttpRequest,
    // extracted before the token, which costs more to check
    Open(parts): Open,
    Bearer(caller): Bearer,
    Reader(language): Reader,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let submitter = caller.submitter().ok_or(Problem::RoleNotAllowed)?;
    let key = idempotency_key(&request)?;
    check_media_type(&request)?;
    let body = read_body(payload, BODY_LIMIT, BODY_DEADLINE).await?;
    let sent = Sent {
        caller: &caller,
        submitter: &submitter,
        key: &key,
        body: &body,
        batch: None,
        language,
    };
    let accepted = parts.validate_and_accept(&sent).await?;
    let mut answer = Vec::with_capacity(ANSWER_BYTES);
    serde_json::to_writer(&mut answer, &accepted).map_err(|error| unwritten(&error))?;
    Ok(HttpResponse::Accepted()
        .content_type(JSON)
        .insert_header((LOCATION, parts.status.of_application(accepted.id)))
        .body(answer))
}
