//! What arrives: the mean of a minute, or of the newest seconds once the arrivals have changed.

use std::collections::VecDeque;

use crate::rate::Rate;

/// Seconds of the mean.
const SECONDS: usize = 60;
/// Seconds that show a change, and count alone after it.
const RECENT: u8 = 10;
/// A change, as a share of the mean. A load that swings by a fifth around its mean stays below.
const CHANGE: f64 = 0.3;
/// A change is more than so many standard deviations of a number that comes by chance.
const CHANCE: f64 = 4.0;

/// The arrivals of the last minute, second by second.
#[derive(Debug, Clone, Default)]
pub struct Arrivals(VecDeque<f64>);

impl Arrivals {
    /// Adds the arrivals of a second.
    pub fn add(&mut self, arrived: Rate) {
        if self.0.len() == SECONDS {
            self.0.pop_front();
        }
        self.0.push_back(arrived.get());
    }

    /// Returns the mean that is still true.
    #[must_use]
    pub fn rate(&self) -> Rate {
        let all = mean(self.0.iter());
        let recent = mean(self.0.iter().rev().take(RECENT.into()));
        let change = (recent - all).abs();
        let by_chance = CHANCE * (all / f64::from(RECENT)).sqrt();
        let has_changed = change > CHANGE * all && change > by_chance;
        Rate::per_second(if has_changed { recent } else { all }).unwrap_or_default()
    }
}

/// Returns the mean; 0 of none.
fn mean<'a>(rates: impl Iterator<Item = &'a f64>) -> f64 {
    let (sum, count) = rates.fold((0.0, 0.0_f64), |(sum, count), rate| (sum + rate, count + 1.0));
    sum / count.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seconds: impl IntoIterator<Item = f64>, expected: f64) {
        let mut arrivals = Arrivals::default();
        let seconds = seconds.into_iter().map(|it| Rate::per_second(it).unwrap());
        seconds.for_each(|second| arrivals.add(second));
        let rate = arrivals.rate().get();
        assert!((rate - expected).abs() < 1e-6, "{rate} for {expected}");
    }

    #[test]
    fn a_rush_that_has_ended_counts_no_more_after_ten_seconds() {
        let quiet = |seconds| std::iter::repeat_n(800.0, 120).chain(std::iter::repeat_n(120.0, seconds));
        check(quiet(0), 800.0);
        for seconds in [10, 20, 40, 60, 100] {
            check(quiet(seconds), 120.0);
        }
        // one that has begun counts as soon
        check(std::iter::repeat_n(20.0, 60).chain([800.0; 10]), 800.0);
    }

    #[test]
    fn a_load_that_swings_by_a_fifth_keeps_its_mean() {
        for length in 60..120 {
            let second = |at: usize| if (at / 15).is_multiple_of(2) { 160.0 } else { 240.0 };
            check((0..length).map(second), 200.0);
        }
    }

    #[test]
    fn few_that_come_by_chance_are_no_change() {
        check((0..60).map(|at| f64::from(u8::from(at % 12 == 11))), 1.0 / 12.0);
        check([], 0.0);
    }
}
