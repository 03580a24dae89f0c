//! Requeueing many dead letters.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::change::Change;

/// The jobs, the newest first: the answer of `GET /v1/requeue-jobs`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RequeueJobs {
    /// The last 100.
    #[schema(max_items = 100)]
    pub items: Vec<RequeueJob>,
}

/// A job over a frozen list of letters: one first, then ten, then the rest at its rate.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RequeueJob {
    /// Id of the job.
    pub job: Uuid,
    /// Version: the value of `If-Match` for the next change.
    pub version: i32,
    /// Its state: `running`, `paused`, `stopped` or `done`.
    #[schema(max_length = 32, pattern = "^(running|paused|stopped|done)$")]
    pub state: &'static str,
    /// Why it stopped: `operator`, or `letter_returned` where one of the first came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 32, pattern = "^(operator|letter_returned)$")]
    pub stopped_because: Option<&'static str>,
    /// Most letters a second after the first eleven.
    #[schema(minimum = 1, maximum = 1000)]
    pub per_second: u32,
    /// Letters of the list.
    pub letters: u32,
    /// Letters that wait.
    pub waiting: u32,
    /// Letters in the queue again.
    pub sent: u32,
    /// Letters that a worker settled.
    pub settled: u32,
    /// Letters that came back.
    pub returned: u32,
    /// Letters that were not requeued, since they had changed.
    pub skipped: u32,
    /// Letters that were not requeued, since the job was stopped before.
    pub cancelled: u32,
    /// Instant at which it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    /// The last change by an operator.
    pub changed: Change,
}

/// What an operator makes of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WantedState {
    /// It goes on.
    Running,
    /// It rests until an operator lets it go on.
    Paused,
    /// It ends; letters that were not sent are open again.
    Stopped,
}

/// The body of `POST /v1/requeue-jobs`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequeueMany {
    /// Which letters: those of a list, or those that filters select now.
    pub which: Which,
    /// How many letters they are, as the operator typed it: no other number is requeued.
    #[schema(minimum = 1, maximum = 10_000)]
    pub count: u32,
    /// Most letters a second after the first eleven; 50 where absent.
    #[schema(minimum = 1, maximum = 1000)]
    pub per_second: Option<u16>,
    /// Reason, on one line.
    #[schema(
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"
    )]
    pub reason: String,
}

/// Which letters.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// These letters, in the versions that the operator saw.
    Letters(Vec<ChosenLetter>),
    /// The open letters that all given filters select.
    Filter(LetterFilter),
}

/// A letter that an operator chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenLetter {
    /// Id of the letter.
    pub letter: Uuid,
    /// The version that the operator saw.
    pub version: i32,
}

/// Filters of open letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterFilter {
    /// Why they could not be processed.
    #[schema(max_length = 64, pattern = "^[a-z_]+$")]
    pub reason: Option<String>,
    /// Their benefit.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    pub benefit: Option<String>,
    /// Became dead letters at this instant or later.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Became dead letters before this instant.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
}

/// The body of `PUT /v1/requeue-jobs/{job}`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRequeueJob {
    /// What it becomes.
    pub state: WantedState,
    /// Reason, on one line.
    #[schema(
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"
    )]
    pub reason: String,
}

/// A page of a job's results: the answer of `GET /v1/requeue-jobs/{job}/letters`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct JobLetters {
    /// A page of the list.
    #[schema(max_items = 100)]
    pub items: Vec<JobLetter>,
    /// Value of `after` for the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 48, pattern = "^[0-9a-f]{16,48}$")]
    pub next: Option<String>,
}

/// A letter of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobLetter {
    /// Id of the letter.
    pub letter: Uuid,
    /// What became of it: `waiting`, `sent`, `settled`, `returned`, `skipped` (it had changed) or
    /// `cancelled` (the job was stopped before).
    #[schema(
        max_length = 32,
        pattern = "^(waiting|sent|settled|returned|skipped|cancelled)$"
    )]
    pub result: &'static str,
}

impl From<sportello_store::RequeueJob> for RequeueJob {
    fn from(job: sportello_store::RequeueJob) -> Self {
        let (operator, reason) = job.by;
        Self {
            job: job.id.into(),
            version: job.version,
            state: job.state.as_str(),
            stopped_because: job.stop_cause.map(sportello_store::StopCause::as_str),
            per_second: job.rate,
            letters: job.letters,
            waiting: job.waiting,
            sent: job.sent,
            settled: job.settled,
            returned: job.returned,
            skipped: job.skipped,
            cancelled: job.cancelled,
            asked_at: job.created_at,
            changed: Change {
                by: operator.subject,
                at: job.changed_at,
                reason,
            },
        }
    }
}
