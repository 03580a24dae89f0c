//! What the operator wants: a target, or a number by hand.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the wanted number has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// Nothing waits any more at this instant.
    DrainedBy {
        /// The instant.
        #[schema(value_type = String, format = DateTime)]
        at: Timestamp,
    },
    /// An application is registered at most so many seconds after its receipt.
    NeverBehind {
        /// Seconds.
        #[schema(minimum = 10, maximum = 86_400, example = 300)]
        seconds: u32,
    },
}

/// Why a target is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The instant is over.
    #[error("the time by which all should be drained is over: choose a later one")]
    Over,
    /// The instant is more than a week ahead.
    #[error("the time by which all should be drained is more than 7 days ahead: choose an earlier one")]
    TooFar,
    /// The seconds are out of bounds.
    #[error("workers can be held to 10 to 86400 seconds behind: choose a number between them")]
    Seconds,
}

/// How far ahead a target or the end of a number by hand may be.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Seconds that workers may be behind.
const BEHIND: std::ops::RangeInclusive<u32> = 10..=86_400;

impl Target {
    /// Returns the target if it can be set now.
    ///
    /// # Errors
    /// [`TargetError`] says what is wrong.
    pub fn settable(self, now: Timestamp) -> Result<Self, TargetError> {
        match self {
            Self::DrainedBy { at } if at <= now => Err(TargetError::Over),
            Self::DrainedBy { at } if at.duration_since(now) > AHEAD => Err(TargetError::TooFar),
            Self::NeverBehind { seconds } if !BEHIND.contains(&seconds) => Err(TargetError::Seconds),
            Self::DrainedBy { .. } | Self::NeverBehind { .. } => Ok(self),
        }
    }
}

/// A number that an operator chose. It holds until its end, and then the automatic goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Manual {
    /// Workers.
    #[schema(minimum = 0, maximum = 1_000)]
    pub workers: u16,
    /// First instant at which it no longer holds.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

/// Why a number by hand is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManualError {
    /// More than the ceiling.
    #[error("{asked} workers are more than the ceiling of {ceiling}: choose fewer, or raise the ceiling")]
    BeyondCeiling {
        /// What was asked for.
        asked: u16,
        /// The ceiling.
        ceiling: u16,
    },
    /// Its end is over.
    #[error("the end of the number is over: choose a later one")]
    Over,
    /// Its end is more than a week ahead.
    #[error("the end of the number is more than 7 days ahead: choose an earlier one")]
    TooFar,
}

impl Manual {
    /// Returns the number if it can be set now.
    ///
    /// # Errors
    /// [`ManualError`] says what is wrong.
    pub fn settable(self, ceiling: u16, now: Timestamp) -> Result<Self, ManualError> {
        if self.workers > ceiling {
            let asked = self.workers;
            return Err(ManualError::BeyondCeiling { asked, ceiling });
        }
        if self.until <= now {
            return Err(ManualError::Over);
        }
        if self.until.duration_since(now) > AHEAD {
            return Err(ManualError::TooFar);
        }
        Ok(self)
    }

    /// Returns whether it holds at an instant.
    #[must_use]
    pub fn holds(self, now: Timestamp) -> bool {
        now < self.until
    }
}
