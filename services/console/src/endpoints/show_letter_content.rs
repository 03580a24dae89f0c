//! `GET /v1/dead-letters/{letter}/content`

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sportello_http::{OperatorProblems, Problem};
use sportello_queue::{Part, parts};
use sportello_store::LetterContent as Content;
use utoipa::IntoParams;

use crate::letters::{access_reason, letter_id, operator};
use crate::operator::Operator;
use crate::parts::{Parts, problem};
use crate::views::dead_letters::LetterContent;

/// The header with the reason, in the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
pub(crate) struct ApiDocReason {
    /// Why it is read: the holders see it in the journal of their application.
    #[param(rename = "Access-Reason", min_length = 10, max_length = 200, pattern = "^.+$")]
    access_reason: String,
}

/// Shows the content of a dead letter.
///
/// The content of its application, as it is sent again; in base64 the whole message, where no
/// application can be read from it. The letter's history and the
/// journal of the application's holders have the entry before there is an answer.
#[utoipa::path(
    get,
    path = "/v1/dead-letters/{letter}/content",
    operation_id = "show_letter_content",
    tag = "operation",
    params(("letter" = uuid::Uuid, Path, description = "The letter's id"), ApiDocReason),
    responses((status = 200, description = "The content", body = LetterContent), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn show_letter_content(
    request: HttpRequest,
    caller: Operator,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = letter_id(&id)?;
    let reason = access_reason(&request)?;
    let read = parts
        .store
        .read_dead_letter(id, &operator(&caller.0), &reason)
        .await;
    let (version, content) = read.map_err(problem)?.ok_or(Problem::NotFound)?;
    let (text, base64) = match content {
        Content::Message(message) => shown(message),
        Content::Conflict(content) => (Some(content), None),
        Content::Gone => (None, None),
    };
    Ok(HttpResponse::Ok().json(LetterContent {
        letter: id.into(),
        version,
        text,
        base64,
    }))
}

/// Returns the content of the one application of a message, as text; a message that holds no such
/// application whole, in base64.
fn shown(message: Vec<u8>) -> (Option<String>, Option<String>) {
    let message = Bytes::from(message);
    let parts = parts(&message).unwrap_or_default();
    if let [Part::Application(framed, _)] = parts.as_slice()
        && let Ok(text) = std::str::from_utf8(framed.content())
    {
        return (Some(text.to_owned()), None);
    }
    (None, Some(BASE64_STANDARD.encode(&message)))
}
