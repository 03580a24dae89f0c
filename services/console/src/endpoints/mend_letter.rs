//! `PUT /v1/dead-letters/{letter}/content`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use sportello_dead_letters::Mending;
use sportello_http::{ApiDocReader, ChangeProblems, Problem};
use sportello_store::Repeated;

use crate::change::{ApiDocChange, Sent};
use crate::letters::{letter, letter_answer, letter_id, operator, reason};
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
    sent: Sent<MendLetter>,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let id = letter_id(&id)?;
    let seen = sent.seen_of_letter()?;
    let (setting_reason, access_reason) = reason(&sent.body.reason, sent.language)?;
    let deed = sent.deed("mend_letter", id.to_string(), None, &setting_reason);
    match parts.store.repeated(&deed).await.map_err(problem)? {
        Some(Repeated::Same(_)) => return Ok(letter_answer(letter(&parts.store, id).await?)),
        Some(Repeated::Other) => return Err(Problem::KeyReused.into()),
        None => {}
    }
    let (content, by) = (sent.body.text.as_bytes(), operator(&sent.operator));
    let mending = parts.mender.mend(id, seen, content, &by, &access_reason).await;
    match mending.map_err(problem)? {
        Mending::Made { .. } => {
            parts.record(&deed).await?;
            Ok(letter_answer(letter(&parts.store, id).await?))
        }
        Mending::Refused(violations) => Err(Problem::of_change(violations, sent.language).into()),
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
