//! The last hour and the last day.

use serde::Serialize;
use sportello_domain::Channel;
use utoipa::ToSchema;

/// A stretch of the past, column by column: the seconds of the last hour, or the minutes of the
/// last day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct History {
    /// 1 or 60.
    pub step_seconds: u32,
    /// Instant of each point, in seconds since 1970, rising. Missing points are absent.
    #[schema(max_items = 3600)]
    pub at: Vec<i64>,
    /// The values, of the same length as `at`.
    #[schema(max_items = 20)]
    pub columns: Vec<Column>,
}

/// The values of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Column {
    /// What it is.
    pub name: ColumnName,
    /// The channel, where each has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// A value for each point; null where it was unknown.
    #[schema(max_items = 3600)]
    pub values: Vec<Option<f64>>,
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnName {
    /// Applications a second that came, of a channel.
    Arrivals,
    /// Applications a second that the broker confirmed, of a channel.
    Confirms,
    /// Applications a second that workers settled, of a channel.
    Settled,
    /// Applications in the backlog, of a channel.
    Outstanding,
    /// Age of the oldest of them in seconds, of a channel.
    OldestAge,
    /// Wanted workers.
    WorkersWanted,
    /// Running workers.
    WorkersRunning,
    /// Workers at work.
    WorkersBusy,
    /// Open dead letters.
    DeadLetters,
    /// Seconds within which 99 of 100 submissions were answered.
    SubmitP99,
}

impl ColumnName {
    /// Returns its word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::Confirms => "confirms",
            Self::Settled => "settled",
            Self::Outstanding => "outstanding",
            Self::OldestAge => "oldest_age",
            Self::WorkersWanted => "workers_wanted",
            Self::WorkersRunning => "workers_running",
            Self::WorkersBusy => "workers_busy",
            Self::DeadLetters => "dead_letters",
            Self::SubmitP99 => "submit_p99",
        }
    }
}
