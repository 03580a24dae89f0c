//! The openings of the catalogue: they raise the fewest workers beforehand.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sportello_domain::{BenefitId, Channel};
use utoipa::ToSchema;

/// How openings raise the fewest workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarPolicy {
    /// Fewest workers on a benefit's first day, until midnight in Italy.
    pub opening_day: u16,
    /// Fewest workers whenever a channel is open.
    pub window: u16,
    /// How long before an opening its workers run.
    pub before: SignedDuration,
}

/// What the catalogue foresees at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    /// The raise that holds now, the largest of all.
    pub raise: Option<Raise>,
    /// The raise that comes next.
    pub next: Option<Raise>,
    /// First instant at which every channel is closed; `None` if all are, or if one stays open.
    pub arrivals_end: Option<Timestamp>,
}

/// A raise of the fewest workers for a benefit's channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Raise {
    /// Fewest workers.
    pub workers: u16,
    /// The benefit.
    #[schema(value_type = String)]
    pub benefit: BenefitId,
    /// The channel.
    pub channel: Channel,
    /// What for.
    pub occasion: Occasion,
    /// When the channel opens; `None` while it is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens: Option<Timestamp>,
    /// Since when the raise holds, or will; `None` while the channel is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
}

/// What the fewest workers are raised for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The first day of a benefit.
    OpeningDay,
    /// The hours of a channel.
    Window,
}
