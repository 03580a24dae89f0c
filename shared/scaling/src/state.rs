//! What the automatic remembers from one decision to the next.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::drain::Drain;
use crate::rate::Rate;

/// Fewer workers must have been enough for as long, and the last change be as long ago.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// A raise that brings less is the last one.
const WORTH: f64 = 0.1;

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
    pub(crate) raise: Option<Drain>,
    /// The number above which a further worker brings nothing.
    pub(crate) knee: Option<Knee>,
    /// The number that the hand was last given.
    pub(crate) ordered: Option<u16>,
}

/// Where a further worker brings nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Knee {
    pub(crate) workers: u16,
    pub(crate) rate: Rate,
    /// What the last raise brought, in per cent.
    pub(crate) gained: i16,
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

    /// Learns from the newest drain whether the last raise was worth it.
    pub(crate) fn learn(&mut self, drain: Drain) {
        let workers = drain.workers.get();
        let recovered = self
            .knee
            .is_some_and(|knee| workers == knee.workers && gain(knee.rate, drain.median) >= WORTH);
        if recovered {
            self.knee = None;
        }
        let raised = self
            .raise
            .filter(|before| workers == self.wanted && drain.workers > before.workers);
        if let Some(before) = raised {
            self.raise = None;
            self.knee = knee(&before, &drain);
        }
        self.drain = Some(drain);
    }

    /// Sets the number at once.
    pub(crate) fn set(&mut self, wanted: u16, now: Timestamp) {
        if wanted > self.wanted {
            // a raise upon a raise is measured from the first
            self.raise = self.raise.or(self.drain);
        } else if wanted < self.wanted {
            (self.raise, self.knee) = (None, None);
        }
        if wanted != self.wanted {
            self.wanted = wanted;
            self.changed_at = Some(now);
        }
    }

    /// Goes down by one if fewer have been enough for long; otherwise returns when that will be.
    pub(crate) fn lower(&mut self, now: Timestamp) -> Option<Timestamp> {
        let since = *self.unneeded_since.get_or_insert(now);
        let last = self.changed_at.map_or(since, |changed| changed.max(since));
        let at = last.checked_add(PATIENCE).unwrap_or(last);
        if now < at {
            return Some(at);
        }
        self.set(self.wanted.saturating_sub(1), now);
        None
    }
}

/// Returns what a raise brought, as a share of what was settled before.
fn gain(before: Rate, after: Rate) -> f64 {
    (after.get() - before.get()) / before.get().max(f64::MIN_POSITIVE)
}

/// Returns the knee, if a raise brought less than a tenth, or less than a quarter of what so many
/// workers should bring: of ten workers one more brings a tenth at best.
fn knee(before: &Drain, after: &Drain) -> Option<Knee> {
    let [_, proportional, _] = before.with(after.workers.get());
    let worth = (gain(before.median, proportional) / 4.0).min(WORTH);
    let gained = gain(before.median, after.median);
    (gained < worth).then(|| Knee {
        workers: after.workers.get(),
        rate: after.median,
        gained: per_cent(gained),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float that is too large becomes the largest"
)]
fn per_cent(share: f64) -> i16 {
    (share * 100.0).round() as i16
}
