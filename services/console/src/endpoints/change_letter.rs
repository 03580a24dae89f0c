//! `POST /v1/dead-letters/{letter}/requeue` and `…/discard`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use sportello_domain::LetterId;
use sportello_http::{ApiDocReader, ChangeProblems, Problem};
use sportello_store::{Attempt, Deed, Repeated, RequeueRate, RequeueRequest, Selection};

use crate::change::{self, ApiDocChange, Sent};
use crate::letters::{letter, letter_answer, letter_id, operator, reason};
use crate::parts::{Parts, problem};
use crate::refused::Refused;
use crate::views::dead_letters::{DeadLetter, LetterDecision};

/// A decision on one letter, as it was sent.
struct Decision {
    id: LetterId,
    seen: i32,
    deed: Deed,
    reason: sportello_domain::AccessReason,
}

/// Puts a dead letter into the queue again.
///
/// As it is, or as it was mended. Id, receipt and instant of acceptance stay.
#[utoipa::path(
    post,
    path = "/v1/dead-letters/{letter}/requeue",
    operation_id = "requeue_letter",
    tag = "decisions",
    params(("letter" = uuid::Uuid, Path, description = "The letter's id"), ApiDocChange, ApiDocReader),
    request_body(content = LetterDecision, content_type = "application/json", description = "The reason"),
    responses((status = 200, description = "It waits for its turn", body = DeadLetter), ChangeProblems),
    security(("bearer" = []))
)]
pub(crate) async fn requeue_letter(
    sent: Sent<LetterDecision>,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let decision = decision(&sent, &id, "requeue_letter")?;
    if is_done(&parts, &decision).await? {
        return Ok(letter_answer(letter(&parts.store, decision.id).await?));
    }
    let now = letter(&parts.store, decision.id).await?;
    if now.version != decision.seen {
        return Err(Refused::stale(now.changed.clone(), &now));
    }
    if now.state != "open" || now.source == "conflict" {
        return Err(Problem::WrongState.into());
    }
    let job = RequeueRequest {
        id: change::id_of(&decision.deed).into(),
        letters: Selection::Letters(vec![(decision.id, decision.seen)]),
        rate: RequeueRate::default(),
    };
    let asked = parts
        .store
        .ask_requeue(&job, &operator(&sent.operator), &decision.reason)
        .await;
    asked.map_err(problem)?;
    finish(&parts, &decision).await
}

/// Discards a dead letter.
///
/// No application of it is registered. It is kept until its benefit's retention ends.
#[utoipa::path(
    post,
    path = "/v1/dead-letters/{letter}/discard",
    operation_id = "discard_letter",
    tag = "decisions",
    params(("letter" = uuid::Uuid, Path, description = "The letter's id"), ApiDocChange, ApiDocReader),
    request_body(content = LetterDecision, content_type = "application/json", description = "The reason"),
    responses((status = 200, description = "It is discarded", body = DeadLetter), ChangeProblems),
    security(("bearer" = []))
)]
pub(crate) async fn discard_letter(
    sent: Sent<LetterDecision>,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let decision = decision(&sent, &id, "discard_letter")?;
    if is_done(&parts, &decision).await? {
        return Ok(letter_answer(letter(&parts.store, decision.id).await?));
    }
    let by = operator(&sent.operator);
    let attempt = parts
        .store
        .discard_dead_letter(decision.id, decision.seen, &by, &decision.reason)
        .await;
    match attempt.map_err(problem)? {
        Attempt::Made(_) => finish(&parts, &decision).await,
        Attempt::NotFound => Err(Problem::NotFound.into()),
        Attempt::Overtaken(_) => {
            let now = letter(&parts.store, decision.id).await?;
            if now.version == decision.seen {
                return Err(Problem::WrongState.into());
            }
            Err(Refused::stale(now.changed.clone(), &now))
        }
    }
}

fn decision(sent: &Sent<LetterDecision>, id: &str, action: &'static str) -> Result<Decision, Problem> {
    let id = letter_id(id)?;
    let (setting_reason, reason) = reason(&sent.body.reason, sent.language)?;
    Ok(Decision {
        id,
        seen: sent.seen_of_letter()?,
        deed: sent.deed(action, id.to_string(), None, &setting_reason),
        reason,
    })
}

/// Whether the same request was done before.
async fn is_done(parts: &Parts, decision: &Decision) -> Result<bool, Problem> {
    match parts.store.repeated(&decision.deed).await.map_err(problem)? {
        Some(Repeated::Same(_)) => Ok(true),
        Some(Repeated::Other) => Err(Problem::KeyReused),
        None => Ok(false),
    }
}

/// Adds the entry to the audit, and answers with the letter as it is now.
async fn finish(parts: &Parts, decision: &Decision) -> Result<HttpResponse, Refused> {
    // the letter's own history has the entry already: that of the audit comes after it
    parts.record(&decision.deed).await?;
    Ok(letter_answer(letter(&parts.store, decision.id).await?))
}
