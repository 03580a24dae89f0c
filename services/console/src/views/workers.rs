//! The workers: how many are wanted, how many run, and why.

use jiff::Timestamp;
use serde::Serialize;
use sportello_scaling::{Manual, Reason, Target};
use utoipa::ToSchema;

use super::change::Change;
use super::reading::Reading;

/// The workers in one second.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WorkersNow {
    /// How many there should be.
    pub wanted: Reading<u16>,
    /// How many run.
    pub running: Reading<u16>,
    /// How many of them register now.
    pub busy: Reading<u16>,
    /// Why so many are wanted: the deciding reason first.
    #[schema(max_items = 10)]
    pub why: Vec<Reason>,
    /// Whether workers were held back in the last ten seconds: they gave way to requests, or waited
    /// for the database. Their drain is not measured meanwhile.
    pub held_back: Reading<bool>,
    /// Seconds in a transaction for each application, mean of the last ten seconds; unknown while
    /// none is registered. Where it rises as the workers do, more of them bring nothing.
    pub seconds_per_application: Reading<f64>,
    /// What the hand does.
    pub hand: HandNow,
}

/// What the hand of this console does. Of several consoles one gives the orders.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct HandNow {
    /// The order that is carried out now; it may take minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderNow>,
    /// Why workers can't be seen or changed, and what to do; absent while they can.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000, pattern = "^[^\\u0000]+$")]
    pub error: Option<String>,
}

/// An order that is carried out now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderNow {
    /// How many workers there are to be.
    #[schema(minimum = 0, maximum = 1000)]
    pub workers: u16,
    /// Instant at which it began.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// The setting of the workers, with its effect: the answer of `GET /v1/workers`. Its `ETag` is the
/// version in quotation marks.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Workers {
    /// Version of the setting: the value of `If-Match` for the next change.
    pub version: i64,
    /// What is to be reached.
    pub target: Target,
    /// A number set by hand, in place of the target until its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manual: Option<Manual>,
    /// Never fewer.
    #[schema(minimum = 0, maximum = 1000)]
    pub floor: u16,
    /// Never more.
    #[schema(minimum = 1, maximum = 1000)]
    pub ceiling: u16,
    /// The last change; absent while the setting is the one of the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Change>,
    /// What starts and stops them: `none` where only `GET /v1/workers/wanted` is read.
    #[schema(max_length = 64, pattern = "^[a-z]+$", example = "local")]
    pub hands: &'static str,
    /// The effect now.
    pub now: WorkersNow,
}

/// The body of `PUT /v1/workers`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetWorkers {
    /// What is to be reached.
    pub target: Target,
    /// A number in place of the target; absent gives the workers back to it.
    pub manual: Option<Manual>,
    /// Never fewer.
    #[schema(minimum = 0, maximum = 1000)]
    pub floor: u16,
    /// Never more.
    #[schema(minimum = 1, maximum = 1000)]
    pub ceiling: u16,
    /// Whether to go on from the number that somebody else set at the platform; a number in place
    /// of the target does so, too. Without it such a number is shown and not overwritten.
    #[serde(default)]
    pub take_over: bool,
    /// Reason, on one line.
    #[schema(
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"
    )]
    pub reason: String,
}

/// The wanted number alone: the answer of `GET /v1/workers/wanted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct WantedWorkers {
    /// How many there should be.
    pub wanted: u16,
}
