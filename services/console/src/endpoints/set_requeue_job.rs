//! `PUT /v1/requeue-jobs/{job}`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use sportello_http::{ApiDocReader, ChangeProblems, Problem};
use sportello_store::{JobChange, Repeated};

use crate::change::{ApiDocChange, Sent};
use crate::letters::{job, job_answer, job_id, operator, reason};
use crate::parts::{Parts, problem};
use crate::refused::Refused;
use crate::views::requeue_jobs::{RequeueJob, SetRequeueJob, WantedState};

/// Pauses a requeue job, lets it go on, or stops it for good.
#[utoipa::path(
    put,
    path = "/v1/requeue-jobs/{job}",
    operation_id = "set_requeue_job",
    tag = "decisions",
    params(("job" = uuid::Uuid, Path, description = "The job's id"), ApiDocChange, ApiDocReader),
    request_body(content = SetRequeueJob, content_type = "application/json", description = "What it becomes, and the reason"),
    responses((status = 200, description = "It is changed", body = RequeueJob), ChangeProblems),
    security(("bearer" = []))
)]
pub(crate) async fn set_requeue_job(
    sent: Sent<SetRequeueJob>,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let id = job_id(&id)?;
    let seen = sent.seen_of_letter()?;
    let (setting_reason, access_reason) = reason(&sent.body.reason, sent.language)?;
    let (change, word) = match sent.body.state {
        WantedState::Running => (JobChange::Resume, "running"),
        WantedState::Paused => (JobChange::Pause, "paused"),
        WantedState::Stopped => (JobChange::Stop, "stopped"),
    };
    let value = Some(word.to_owned());
    let deed = sent.deed("set_requeue_job", id.to_string(), value, &setting_reason);
    match parts.store.repeated(&deed).await.map_err(problem)? {
        Some(Repeated::Same(_)) => return Ok(job_answer(job(&parts.store, id).await?)),
        Some(Repeated::Other) => return Err(Problem::KeyReused.into()),
        None => {}
    }
    let by = operator(&sent.operator);
    let changed = parts
        .store
        .change_requeue_job(id, seen, change, &by, &access_reason)
        .await;
    let (now, made) = changed.map_err(problem)?.ok_or(Problem::NotFound)?;
    let now = RequeueJob::from(now);
    if made {
        parts.record(&deed).await?;
        return Ok(job_answer(now));
    }
    if now.version == seen {
        return Err(Problem::WrongState.into());
    }
    Err(Refused::stale(Some(now.changed.clone()), &now))
}
