//! `PUT /v1/dead-letters/{letter}/content`

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use sportello_dead_letters::Mending;
use sportello_http::{ApiDocReader, ChangeProblems, Problem, Reader};
use sportello_store::Repeated;

use crate::change::{self, ApiDocChange};
use crate::letters::{letter, letter_answer, letter_id, operator, reason};
use crate::operator::Operator;
use crate::parts::{Parts, problem};
use crate::refused::Refused;
use crate::views::dead_letters::{DeadLetter, MendLetter};

/// Gives a dead letter another content.
///
/// It is judged as intake would have judged it at the instant of its receipt, and is for the same
/// person. Id, receipt and instant of acceptance stay, both digests are kept, and the holders are
/// told.
#[utoipa::path(
    put,
    path = "/v1/dead-letters/{letter}/content",
    operation_id = "mend_letter",
    tag = "decisions",
    params(("letter" = uuid::Uuid, Path, description = "The letter's id"), ApiDocChange, ApiDocReader),
    request_body(content = MendLetter, content_type = "application/json", description = "The new content, and the reason"),
    responses((status = 200, description = "It has the new content", body = DeadLetter), ChangeProblems),
    security(("bearer" = []))
)]
pub(crate) async fn mend_letter(
    request: HttpRequest,
    caller: Operator,
    Reader(language): Reader,
    parts: Data<Parts>,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    let id = letter_id(&id)?;
    let sent = change::read::<MendLetter>(&request, payload, language).await?;
    let seen = i32::try_from(change::version(&request)?).unwrap_or(i32::MAX);
    let (setting_reason, access_reason) = reason(&sent.body.reason, language)?;
    let deed = sent.deed(&caller.0, "mend_letter", id.to_string(), None, &setting_reason);
    match parts.store.repeated(&deed).await.map_err(problem)? {
        Some(Repeated::Same(_)) => return Ok(letter_answer(letter(&parts.store, id).await?)),
        Some(Repeated::Other) => return Err(Problem::KeyReused.into()),
        None => {}
    }
    let (content, by) = (sent.body.text.as_bytes(), operator(&caller.0));
    let mending = parts.mender.mend(id, seen, content, &by, &access_reason).await;
    match mending.map_err(problem)? {
        Mending::Made { .. } => {
            parts.record(&deed).await?;
            Ok(letter_answer(letter(&parts.store, id).await?))
        }
        Mending::Refused(violations) => Err(Problem::of_change(violations, language).into()),
        Mending::NotMendable => Err(Problem::WrongState.into()),
        Mending::NotFound => Err(Problem::NotFound.into()),
        Mending::Overtaken(_) => {
            let now = letter(&parts.store, id).await?;
            if now.version == seen {
                return Err(Problem::WrongState.into());
            }
            Err(Refused::stale(now.changed.clone(), &now))
        }
    }
}
