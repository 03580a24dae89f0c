//! The measured drain: what workers settle while there is always something to do.

use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rate::Rate;

/// Seconds of one measurement.
const WINDOW: usize = 10;
/// Samples that are looked at: the last five minutes.
const SECONDS: usize = 300;
/// Measurements that a number of workers needs before it has a drain.
const FEWEST: usize = 3;
/// Measurements of the last minute. They count alone once the drain has changed.
const RECENT: usize = 6;
/// A change of the drain, as a share of it.
const CHANGE: f64 = 0.2;

/// One second of all workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Applications that were settled in this second.
    pub settled: u64,
    /// Applications that waited at its end.
    pub outstanding: u64,
    /// Workers that ran.
    pub workers: u16,
    /// Whether workers were held back: they gave way to requests, or waited for the database.
    pub held_back: bool,
}

/// What a number of workers settles while saturated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Drain {
    /// Workers that ran meanwhile.
    #[schema(value_type = u16, minimum = 1)]
    pub workers: NonZeroU16,
    /// A quarter of the time it is less than this (p25).
    pub low: Rate,
    /// The median.
    pub median: Rate,
    /// A quarter of the time it is more than this (p75).
    pub high: Rate,
}

/// What was settled in ten seconds, by so many workers.
#[derive(Clone, Copy)]
struct Measurement {
    workers: NonZeroU16,
    rate: f64,
}

impl Drain {
    /// Measures the drain in a series of seconds, oldest first; a second that could not be read is
    /// `None`. Takes the number of workers that ran last, or the one before while there are too few
    /// measurements of it. `None` if workers were not saturated for half a minute.
    #[must_use]
    pub fn measure(series: &[Option<Sample>]) -> Option<Self> {
        let recent = &series[series.len().saturating_sub(SECONDS)..];
        // newest first, so that the newest seconds are never left over
        let measurements: Vec<Measurement> = recent.rchunks_exact(WINDOW).filter_map(measurement).collect();
        let numbers = measurements.iter().map(|one| one.workers);
        let of = |workers| measurements.iter().filter(move |one| one.workers == workers);
        let workers = { numbers }.find(|workers| of(*workers).count() >= FEWEST)?;
        let rates: Vec<f64> = of(workers).map(|one| one.rate).collect();
        Self::of_rates(workers, still_true(&rates))
    }

    /// Returns the drain from measurements in any order.
    fn of_rates(workers: NonZeroU16, rates: &[f64]) -> Option<Self> {
        let rate = |share| Rate::per_second(quantile(rates, share));
        Some(Self {
            workers,
            low: rate(0.25)?,
            median: rate(0.5)?,
            high: rate(0.75)?,
        })
    }

    /// Returns a drain that an operator expects of one worker, before anything is measured.
    #[must_use]
    pub fn expected(each: Rate) -> Self {
        Self {
            workers: NonZeroU16::MIN,
            low: each,
            median: each,
            high: each,
        }
    }

    /// Returns what one worker settles.
    #[must_use]
    pub fn each(&self) -> Rate {
        self.median.share(1, self.workers)
    }

    /// Returns the drain of another number of workers, if each settles as much.
    #[must_use]
    pub fn with(&self, workers: u16) -> [Rate; 3] {
        [self.low, self.median, self.high].map(|rate| rate.share(workers, self.workers))
    }
}

/// Returns what ten seconds measured, if the same workers ran and always had something to do.
fn measurement(window: &[Option<Sample>]) -> Option<Measurement> {
    let seconds: Vec<Sample> = window.iter().copied().collect::<Option<_>>()?;
    let workers = NonZeroU16::new(seconds.first()?.workers)?;
    // as much waits as was settled: the next second has enough to do, too
    let saturated = |second: &Sample| {
        second.workers == workers.get()
            && !second.held_back
            && second.outstanding > 0
            && second.outstanding >= second.settled
    };
    let settled = seconds.iter().map(|second| second.settled).sum();
    seconds.iter().all(saturated).then(|| Measurement {
        workers,
        rate: Rate::of(settled, WINDOW as f64).get(),
    })
}

/// Returns the measurements that are still true, newest first: those of the last minute once the
/// drain has changed.
fn still_true(newest_first: &[f64]) -> &[f64] {
    let Some(recent) = newest_first.get(..RECENT) else {
        return newest_first;
    };
    let (now, all) = (quantile(recent, 0.5), quantile(newest_first, 0.5));
    if (now - all).abs() > CHANGE * all {
        recent
    } else {
        newest_first
    }
}

/// Returns a quantile, between neighbours by their distance; not a number for none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place among at most thirty measurements"
)]
fn quantile(rates: &[f64], share: f64) -> f64 {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * sorted.len().saturating_sub(1) as f64;
    let at = |place: f64| sorted.get(place as usize).copied().unwrap_or(f64::NAN);
    let (below, above) = (at(place.floor()), at(place.ceil()));
    below + (above - below) * place.fract()
}
