//! What the endpoints on dead letters share.

use actix_web::http::header::{ETAG, HeaderName};
use actix_web::{HttpRequest, HttpResponse};
use sportello_domain::{AccessReason, Language, LetterId, RequeueJobId, SettingReason};
use sportello_http::{Problem, single};
use sportello_identity::SubjectId;
use sportello_store::{Operator, Store};
use uuid::Uuid;

use crate::change;
use crate::parts::problem;
use crate::views::dead_letters::DeadLetter;
use crate::views::requeue_jobs::RequeueJob;

const ACCESS_REASON: HeaderName = HeaderName::from_static("access-reason");

/// Parses the id of a letter.
///
/// # Errors
/// [`Problem::NotFound`].
pub(crate) fn letter_id(text: &str) -> Result<LetterId, Problem> {
    text.parse::<Uuid>()
        .map(LetterId::from)
        .map_err(|_| Problem::NotFound)
}

/// Parses the id of a job.
///
/// # Errors
/// [`Problem::NotFound`].
pub(crate) fn job_id(text: &str) -> Result<RequeueJobId, Problem> {
    text.parse::<Uuid>()
        .map(RequeueJobId::from)
        .map_err(|_| Problem::NotFound)
}

/// Returns the operator as letters and jobs keep them.
pub(crate) fn operator(subject: &SubjectId) -> Operator {
    Operator {
        issuer: subject.issuer().to_owned(),
        subject: subject.name().to_owned(),
    }
}

/// Parses the reason of a change.
///
/// # Errors
/// [`Problem::Unfit`] says what is wrong.
pub(crate) fn reason(text: &str, language: Language) -> Result<(SettingReason, AccessReason), Problem> {
    let reason = change::reason(text, language)?;
    // both have 10 to 200 characters
    let access = AccessReason::parse(reason.as_str()).map_err(|_| Problem::AccessReason)?;
    Ok((reason, access))
}

/// Reads the reason for reading a content from its header.
///
/// # Errors
/// [`Problem::AccessReason`] where it is missing, comes twice, or is not a reason.
pub(crate) fn access_reason(request: &HttpRequest) -> Result<AccessReason, Problem> {
    single(request, &ACCESS_REASON)
        .and_then(|value| AccessReason::of_header(value.as_bytes()).ok())
        .ok_or(Problem::AccessReason)
}

/// Reads a letter.
///
/// # Errors
/// [`Problem::NotFound`], or [`Problem::Unavailable`] while the database is away.
pub(crate) async fn letter(store: &Store, id: LetterId) -> Result<DeadLetter, Problem> {
    let letter = store.dead_letter(id).await.map_err(problem)?;
    letter.map(DeadLetter::from).ok_or(Problem::NotFound)
}

/// Reads a job.
///
/// # Errors
/// [`Problem::NotFound`], or [`Problem::Unavailable`] while the database is away.
pub(crate) async fn job(store: &Store, id: RequeueJobId) -> Result<RequeueJob, Problem> {
    let job = store.requeue_job(id).await.map_err(problem)?;
    job.map(RequeueJob::from).ok_or(Problem::NotFound)
}

/// Returns the answer with a letter's version.
pub(crate) fn letter_answer(letter: DeadLetter) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, format!("\"{}\"", letter.version)))
        .json(letter)
}

/// Returns the answer with a job's version.
pub(crate) fn job_answer(job: RequeueJob) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, format!("\"{}\"", job.version)))
        .json(job)
}
