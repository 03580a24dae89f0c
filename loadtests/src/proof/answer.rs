//! What a caller saw of one attempt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The result of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// `202`: the application counts.
    Accepted {
        /// The application's id.
        id: Uuid,
        /// Instant of acceptance on the receipt.
        received_at: Timestamp,
    },
    /// `429` or `503`: retry later. `408`: the request came too slowly, and may be retried.
    Unavailable {
        /// The status.
        status: u16,
        /// Seconds until a retry, if the answer gives them.
        retry_after: Option<u64>,
    },
    /// Any other status, or a `202` that breaks the API's promise.
    Wrong {
        /// The status.
        status: u16,
    },
    /// Connection refused: nothing was sent.
    NoConnection,
    /// The connection ended without an answer: the application may have been accepted or not.
    Broken,
    /// No answer within the time that the client waits: it may have been accepted or not.
    TimedOut,
}
