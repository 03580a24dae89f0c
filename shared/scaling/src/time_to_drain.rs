//! How long until nothing waits.

use serde::Serialize;
use utoipa::ToSchema;

use crate::rate::Rate;

/// How long until nothing waits, with the workers that run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TimeToDrain {
    /// Nothing waits.
    Drained,
    /// It takes from `least` to `most` seconds.
    Clears {
        /// Seconds, if the drain is as in its best quarter.
        least: u64,
        /// Seconds, if it is as in its worst quarter; `None` if the backlog would not clear then.
        most: Option<u64>,
    },
    /// The backlog grows, and will not drain.
    Grows {
        /// Applications a second.
        by: Rate,
    },
    /// The backlog neither shrinks nor grows.
    Stalled,
    /// The backlog or the drain is not known.
    Unknown,
}
