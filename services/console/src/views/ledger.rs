//! The equation of the ledger, and its verdict.

use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::Channel;
use utoipa::ToSchema;

use super::reading::Reading;

/// The ledger: what was accepted, and where it is. All numbers count applications.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Ledger {
    /// The worst verdict of all channels.
    pub verdict: Reading<Verdict>,
    /// The equation of each channel; absent channels can't be read.
    #[schema(max_items = 2)]
    pub equations: Vec<Equation>,
    /// Since when the ledger is compared with the broker's queues; absent while no loss can be
    /// proved, since their totals can't be read or the broker has just started.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub compared_since: Option<Timestamp>,
    /// What is missing, by name: empty while nothing is.
    #[schema(max_items = 100)]
    pub gaps: Vec<Gap>,
}

/// `confirmed + unconfirmed + unnumbered + repeated = new + existing + withdrawals + dead +
/// outstanding + lost`, of one channel, since the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Equation {
    /// The channel.
    pub channel: Channel,
    /// Answered with `202`.
    pub answered: u64,
    /// Confirmed by the broker.
    pub confirmed: u64,
    /// Settled although no confirm is known.
    pub unconfirmed: u64,
    /// Settled, of messages without a number: of an intake of the version before.
    pub unnumbered: u64,
    /// Settled once more, after another delivery.
    pub repeated: u64,
    /// On the local disks of intake, and not confirmed yet: beside the equation.
    pub spooled: u64,
    /// Put on the register.
    pub new: u64,
    /// On the register already: a retry, or another content under the same key.
    pub existing: u64,
    /// Withdrawals that were processed.
    pub withdrawals: u64,
    /// Dead-lettered, whatever became of the letters since.
    pub dead: u64,
    /// Of `dead`: open.
    pub dead_open: u64,
    /// Of `dead`: discarded by an operator.
    pub discarded: u64,
    /// Of `dead`: on their way into the queue again.
    pub requeued: u64,
    /// Confirmed, and not settled yet: the backlog.
    pub outstanding: u64,
    /// Confirmed, and proved to be lost: the gaps.
    pub lost: u64,
}

/// Whether anything accepted is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing is missing.
    Whole,
    /// A killed process has not said how its last second ended.
    Open,
    /// Something is late, and may still come.
    Suspect,
    /// Something is lost, and proved to be.
    Lost,
}

/// Messages that are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    /// `open`, `suspect` or `lost`.
    pub verdict: Verdict,
    /// The channel.
    pub channel: Channel,
    /// The process that published them: 16 hexadecimal digits, anew with each start. Absent while
    /// those that are lost have no name yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, pattern = "^[0-9a-f]{16}$", example = "06e5ea93d41c77b0")]
    pub process: Option<String>,
    /// The missing numbers of its messages: `4117-4120,4980`; of an open tail the first: `4981-`.
    /// Empty while more messages wait, so that those that are lost have no name yet.
    #[schema(max_length = 1000, pattern = "^[0-9,-]*$", example = "4117-4120,4980")]
    pub numbers: String,
    /// How many messages they are; absent of an open tail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<u64>,
    /// How many applications they hold, where the statements say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applications: Option<u64>,
    /// Instant at which it was first seen; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
}

/// A process that ended without a last statement: what it sent in its last second is not stated.
/// Its version, for `If-Match`, is `from`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tail {
    /// The channel.
    pub channel: Channel,
    /// The process that published: 16 hexadecimal digits, anew with each start.
    #[schema(max_length = 16, pattern = "^[0-9a-f]{16}$", example = "06e5ea93d41c77b0")]
    pub process: String,
    /// The first number of its messages that no statement decides.
    #[schema(minimum = 0)]
    pub from: u64,
}

/// The body of `POST /v1/ledger/tails/{channel}/{process}/close`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseTail {
    /// Reason, on one line.
    #[schema(
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"
    )]
    pub reason: String,
}
