//! What the automatic remembers from one decision to the next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::drain::Drain;
use crate::rate::Rate;

/// What the automatic remembers from one decision to the next. Keep it where a restart finds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The number that was last wanted.
    pub(crate) wanted: u16,
    /// When it changed.
    pub(crate) changed_at: Option<Timestamp>,
    /// Since when fewer would have been enough.
    pub(crate) unneeded_since: Option<Timestamp>,
    /// The drain that was last measured.
    pub(crate) drain: Option<Drain>,
    /// The last raise, until its effect is measured.
    pub(crate) raise: Option<Step>,
    /// The number above which a further worker brings nothing.
    pub(crate) knee: Option<Knee>,
    /// The number that the hand was last given.
    pub(crate) ordered: Option<u16>,
}

/// A raise, and what was settled before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) from: u16,
    pub(crate) rate: Rate,
}

/// Where a further worker brings nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Knee {
    pub(crate) workers: u16,
    pub(crate) rate: Rate,
    /// What the last raise brought, in per cent.
    pub(crate) gained: i32,
}

impl State {
    /// Begins with the workers that run.
    #[must_use]
    pub fn new(running: u16) -> Self {
        Self {
            wanted: running,
            changed_at: None,
            unneeded_since: None,
            drain: None,
            raise: None,
            knee: None,
            ordered: None,
        }
    }

    /// Remembers that the hand has carried a number out.
    #[must_use]
    pub fn ordered(self, workers: u16) -> Self {
        Self {
            ordered: Some(workers),
            ..self
        }
    }

    /// Takes over a number that somebody else set at the platform, by an operator's word.
    #[must_use]
    pub fn taken_over(self, asked: u16) -> Self {
        self.ordered(asked)
    }
}
