//! How long until nothing waits.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::load::Load;
use crate::rate::Rate;

/// The backlog neither shrinks nor grows while it changes by less than this share of the drain.
const STILL: f64 = 0.02;

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

/// What waits and comes, seen from an instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flow {
    pub(crate) backlog: f64,
    pub(crate) arrivals: f64,
    /// Seconds until nothing arrives any more.
    pub(crate) until: Option<f64>,
}

impl Flow {
    #[expect(clippy::cast_precision_loss, reason = "an estimate needs no exact count")]
    pub(crate) fn of(load: &Load, now: Timestamp) -> Self {
        let until = load.arrivals_end;
        Self {
            backlog: load.backlog as f64,
            arrivals: load.arrivals.get(),
            until: until.map(|end| end.duration_since(now).as_secs_f64().max(0.0)),
        }
    }

    /// Returns what arrives in so many seconds.
    pub(crate) fn coming(self, seconds: f64) -> f64 {
        self.arrivals * self.until.map_or(seconds, |until| until.min(seconds))
    }

    /// Returns the seconds until nothing waits at a drain, if that comes.
    pub(crate) fn clears_in(self, drain: f64) -> Option<f64> {
        if drain <= 0.0 {
            return None;
        }
        let net = drain - self.arrivals;
        let before_end = (net > STILL * drain).then(|| self.backlog / net);
        let Some(until) = self.until else {
            return before_end;
        };
        let after_end = (self.backlog + self.arrivals * until) / drain;
        Some(
            before_end
                .filter(|seconds| *seconds <= until)
                .unwrap_or(after_end),
        )
    }

    /// Returns how long until nothing waits at a drain of low, median and high.
    pub(crate) fn time_to_drain(self, [low, median, high]: [Rate; 3]) -> TimeToDrain {
        if self.backlog <= 0.0 {
            return TimeToDrain::Drained;
        }
        let seconds = |rate: Rate| self.clears_in(rate.get());
        if let Some(likely) = seconds(median) {
            return TimeToDrain::Clears {
                least: whole(seconds(high).unwrap_or(likely)),
                most: seconds(low).map(|seconds| whole(seconds.ceil())),
            };
        }
        let growth = self.arrivals - median.get();
        match Rate::per_second(growth) {
            Some(by) if growth > STILL * self.arrivals => TimeToDrain::Grows { by },
            Some(_) | None => TimeToDrain::Stalled,
        }
    }
}

/// Returns whole seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds, not negative"
)]
fn whole(seconds: f64) -> u64 {
    seconds as u64
}

/// Returns seconds as a length of time, up to a century.
pub(crate) fn length(seconds: f64) -> SignedDuration {
    const CENTURY: f64 = 100.0 * 366.0 * 86_400.0;
    SignedDuration::from_secs_f64(seconds.clamp(0.0, CENTURY))
}

/// Writes seconds as people say them: to the second below two minutes, to the minute below two
/// hours, and to the hour beyond.
pub(crate) fn said(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", (seconds + 1_800) / 3_600),
    }
}

impl fmt::Display for TimeToDrain {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Drained => write!(to, "nothing waits"),
            Self::Clears { least, most: None } => {
                write!(to, "clears in {} or more, perhaps never", said(least))
            }
            Self::Clears {
                least,
                most: Some(most),
            } => {
                if said(least) == said(most) {
                    write!(to, "clears in about {}", said(least))
                } else {
                    write!(to, "clears in {} to {}", said(least), said(most))
                }
            }
            Self::Grows { by } => write!(to, "grows by {by}, will not drain"),
            Self::Stalled => write!(to, "stalled: as much comes as is settled"),
            Self::Unknown => write!(to, "unknown: backlog or drain can't be read yet"),
        }
    }
}
