//! Why a number is wanted, in plain English.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::calendar::Raise;
use crate::load::Saturation;
use crate::policy::Limit;
use crate::rate::Rate;
use crate::target::Target;

/// Why a number is wanted. The first of a decision set the number; the others say what bounds it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// An operator chose the number.
    Manual {
        /// Workers.
        workers: u16,
        /// When the automatic goes on.
        #[schema(value_type = String, format = DateTime)]
        until: Timestamp,
    },
    /// What waits and comes takes so many workers.
    Needed {
        /// Workers.
        workers: u32,
        /// Applications that wait.
        backlog: u64,
        /// Applications that arrive.
        arrivals: Rate,
        /// What has to be settled.
        rate: Rate,
        /// What a worker settles.
        each: Rate,
        /// What for.
        target: Target,
    },
    /// The fewest workers are enough.
    Floor {
        /// Workers.
        workers: u16,
    },
    /// An opening raises the fewest workers.
    Calendar(Raise),
    /// No drain was measured yet, since there was not always something to do.
    DrainUnknown {
        /// Workers.
        workers: u16,
    },
    /// Workers keep up: with one fewer the drain may be measured.
    Trying {
        /// When the number goes down.
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
    },
    /// The backlog can't be read: the number stays.
    LoadUnknown {
        /// Workers.
        workers: u16,
    },
    /// More are needed than the ceiling.
    Ceiling {
        /// The ceiling.
        workers: u16,
        /// What would be needed.
        needed: u32,
        /// What sets the ceiling.
        limit: Limit,
    },
    /// The target can't be met.
    Unreachable {
        /// The target.
        target: Target,
        /// Workers.
        workers: u16,
        /// When all is drained with these; `None` if it never is.
        #[schema(value_type = Option<String>, format = DateTime)]
        by: Option<Timestamp>,
    },
    /// The last raise brought almost nothing.
    Knee {
        /// Workers.
        workers: u16,
        /// What the raise brought, in per cent.
        gained: i16,
    },
    /// Something is used up.
    Saturated {
        /// What.
        by: Saturation,
        /// Workers.
        workers: u16,
    },
    /// All messages are with workers already, so a further one would get none of them.
    Prefetched {
        /// Messages that wait.
        messages: u64,
        /// Workers that run.
        workers: u16,
    },
    /// Fewer are enough, and the number goes down by one later.
    Lowering {
        /// Workers that are enough.
        enough: u16,
        /// When the number goes down.
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
    },
    /// Fewer are enough now, and one more than these would not be if the load rose by a half.
    Margin {
        /// Workers that are enough.
        enough: u16,
    },
    /// Somebody else changed the number at the platform: nothing is overwritten.
    ChangedOutside {
        /// What this system asked for.
        ordered: u16,
        /// What the platform is asked for now.
        found: u16,
    },
}
