//! Dead letters.

use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::Channel;
use utoipa::ToSchema;
use uuid::Uuid;

use super::change::Change;

/// A page of dead letters, those that became one last first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeadLetters {
    /// A page of the list.
    #[schema(max_items = 100)]
    pub items: Vec<DeadLetter>,
    /// Value of `after` for the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 48, pattern = "^[0-9a-f]{16,48}$")]
    pub next: Option<String>,
    /// How many letters the filters select, counted up to 10,001.
    pub selected: u64,
}

/// A dead letter, without its content. `ETag` is its version in quotation marks.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeadLetter {
    /// Id of the letter.
    pub letter: Uuid,
    /// Version: the value of `If-Match` for the next change.
    pub version: i32,
    /// Its state: `open`, `requeue_asked` (it waits for its turn), `sent` (it is in the queue
    /// again), `settled` (by a worker), `returned` (as another letter) or `discarded`.
    #[schema(
        max_length = 32,
        pattern = "^(open|requeue_asked|sent|settled|returned|discarded)$"
    )]
    pub state: &'static str,
    /// Where it comes from: `dead_letter`, `unrouted` or `conflict`.
    #[schema(max_length = 32, pattern = "^(dead_letter|unrouted|conflict)$")]
    pub source: &'static str,
    /// What it holds: `application`, `withdrawal` or `message` (one that can't be read).
    #[schema(max_length = 32, pattern = "^(application|withdrawal|message)$")]
    pub holds: &'static str,
    /// Applications that it counts for.
    pub applications: u32,
    /// Why it could not be processed.
    #[schema(max_length = 64, pattern = "^[a-z_]+$", example = "unknown_benefit")]
    pub reason: &'static str,
    /// The reason in words, without personal data.
    #[schema(max_length = 1000, pattern = "^.*$")]
    pub detail: String,
    /// Id of the application, where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// Its benefit, where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    pub benefit: Option<String>,
    /// The channel.
    pub channel: Channel,
    /// Instant of acceptance, where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub received_at: Option<Timestamp>,
    /// Instant at which it became a dead letter.
    #[schema(value_type = String, format = DateTime)]
    pub arrived_at: Timestamp,
    /// Whether an operator mended its content.
    pub mended: bool,
    /// The letter that it was before it was requeued and came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Uuid>,
    /// The letter that it came back as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
    /// The last requeue job that had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<Uuid>,
    /// The last change by an operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Change>,
}

/// The content of a dead letter, byte for byte: the answer of
/// `GET /v1/dead-letters/{letter}/content`, which needs the header `Access-Reason`.
#[derive(Clone, Serialize, ToSchema)]
pub struct LetterContent {
    /// Id of the letter.
    pub letter: Uuid,
    /// Version: the value of `If-Match` for mending it.
    pub version: i32,
    /// The content, where it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 65_536)]
    pub text: Option<String>,
    /// The content in base64, where it is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1_000_000)]
    pub base64: Option<String>,
}

/// The body of `PUT /v1/dead-letters/{letter}/content`.
#[derive(Clone, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MendLetter {
    /// The new content.
    #[schema(max_length = 65_536)]
    pub text: String,
    /// Reason, on one line.
    #[schema(
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"
    )]
    pub reason: String,
}

/// The body of `POST /v1/dead-letters/{letter}/requeue` and `…/discard`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterDecision {
    /// Reason, on one line.
    #[schema(
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"
    )]
    pub reason: String,
}

impl From<sportello_store::DeadLetter> for DeadLetter {
    fn from(letter: sportello_store::DeadLetter) -> Self {
        let at = letter.changed_at;
        Self {
            letter: letter.id.into(),
            version: letter.version,
            state: letter.state.as_str(),
            source: letter.source.as_str(),
            holds: letter.holds.as_str(),
            applications: letter.applications,
            reason: letter.reason.as_str(),
            detail: letter.detail,
            application: letter.application_id.map(Uuid::from),
            benefit: letter.benefit.map(|benefit| benefit.to_string()),
            channel: letter.channel,
            received_at: letter.received_at,
            arrived_at: letter.dead_lettered_at,
            mended: letter.mended.is_some(),
            before: letter.returned_from.map(Uuid::from),
            after: letter.returned_as.map(Uuid::from),
            job: letter.job.map(Uuid::from),
            changed: letter.changed_by.map(|(operator, reason)| Change {
                by: operator.subject,
                at,
                reason,
            }),
        }
    }
}
