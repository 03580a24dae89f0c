//! How many workers the load, the calendar and the bounds take.

use jiff::{SignedDuration, Timestamp};

use crate::calendar::Raise;
use crate::drain::Drain;
use crate::load::Load;
use crate::policy::Policy;
use crate::reason::Reason;
use crate::target::Target;
use crate::time_to_drain::{Flow, length};

/// A worker is planned to be busy for this share of the time.
const BUSY: f64 = 0.8;
/// Shortest time for which a backlog is planned, also when its deadline is over.
const SHORTEST: f64 = 60.0;

/// How much of the load counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// What waits and what comes.
    All,
    /// What comes alone: all messages that wait are with workers already.
    Prefetched,
}

/// What has to be settled, and what a worker settles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need<'a> {
    pub(crate) load: &'a Load,
    pub(crate) target: Target,
    pub(crate) drain: &'a Drain,
    pub(crate) startup: SignedDuration,
    pub(crate) now: Timestamp,
}

impl Need<'_> {
    fn flow(&self) -> Flow {
        Flow::of(self.load, self.now)
    }

    /// Returns what has to be settled a second.
    pub(crate) fn rate(&self, waiting: Waiting) -> f64 {
        let flow = self.flow();
        let backlog = match waiting {
            Waiting::All => flow.backlog,
            Waiting::Prefetched => 0.0,
        };
        match self.target {
            Target::NeverBehind { seconds } => flow.arrivals.max(backlog / f64::from(seconds.max(1))),
            Target::DrainedBy { at } => {
                let left = at.duration_since(self.now) - self.startup;
                let left = left.as_secs_f64().max(SHORTEST);
                (backlog + flow.coming(left)) / left
            }
        }
    }

    /// Returns how many workers settle a rate without being busy all the time.
    pub(crate) fn workers(&self, rate: f64) -> u32 {
        // a count that is whole but for rounding stays
        const ROUNDING: f64 = 1e-9;
        whole((rate / (BUSY * self.drain.each().get()) - ROUNDING).ceil())
    }

    /// Returns when the target is met with so many workers, where it is not: `Some(None)` is never.
    pub(crate) fn late(&self, workers: u16, running: u16) -> Option<Option<Timestamp>> {
        let [_, capacity, _] = self.drain.with(workers);
        let capacity = capacity.get();
        if self.rate(Waiting::All) <= capacity {
            return None;
        }
        let mut flow = self.flow();
        if let Target::NeverBehind { seconds } = self.target {
            flow.backlog = (flow.backlog - capacity * f64::from(seconds)).max(0.0);
        }
        let starting = if workers > running {
            self.startup
        } else {
            SignedDuration::ZERO
        };
        let seconds = flow.clears_in(capacity);
        Some(seconds.and_then(|seconds| self.now.checked_add(starting + length(seconds)).ok()))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float that is too large or not a number becomes the nearest number of workers"
)]
fn whole(workers: f64) -> u32 {
    workers.clamp(0.0, 1e6) as u32
}

/// Returns the fewest workers whatever the load, and why.
pub(crate) fn fewest(policy: &Policy, raise: Option<&Raise>) -> (u16, Reason) {
    let floor = policy.floor();
    match raise.filter(|raise| raise.workers > floor) {
        Some(raise) => {
            let workers = raise.workers.min(policy.ceiling().workers);
            (workers, Reason::Calendar(raise.clone()))
        }
        None => (floor, Reason::Floor { workers: floor }),
    }
}
