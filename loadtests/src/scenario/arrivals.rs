//! Times of arrivals.

use std::time::Duration;

/// A time with a constant rate of arrivals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Its length.
    pub lasts: Duration,
    /// Arrivals a second.
    pub per_second: f64,
}

/// Scheduled arrivals: each second has its number, and the seed varies each arrival within its
/// slot, so that arrivals are not evenly spaced.
#[derive(Debug, Clone)]
pub struct Arrivals {
    segments: Vec<Segment>,
    lasts: Duration,
    total: u64,
    seed: u64,
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    begins_s: f64,
    /// Index of its first arrival.
    first: u64,
    per_second: f64,
}

impl Arrivals {
    /// Makes the arrivals of these stretches, one after the other.
    #[must_use]
    pub fn new(stretches: &[Stretch], seed: u64) -> Self {
        let (mut begins, mut total) = (Duration::ZERO, 0);
        let mut segments = Vec::new();
        for stretch in stretches {
            segments.push(Segment {
                begins_s: begins.as_secs_f64(),
                first: total,
                per_second: stretch.per_second,
            });
            begins += stretch.lasts;
            total += whole(stretch.lasts.as_secs_f64() * stretch.per_second);
        }
        Self {
            segments,
            lasts: begins,
            total,
            seed,
        }
    }

    /// Returns the number of arrivals.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Returns the time from the first to the last.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        self.lasts
    }

    /// Returns when the arrival with this index is due, from the start.
    #[must_use]
    pub fn due(&self, place: u64) -> Duration {
        let after = self.segments.partition_point(|segment| segment.first <= place);
        // among stretches without arrivals, the last one is right
        let Some(segment) = after.checked_sub(1).and_then(|index| self.segments.get(index)) else {
            return Duration::ZERO;
        };
        let turn = exact(place - segment.first) + fraction(self.seed ^ place);
        Duration::from_secs_f64(segment.begins_s + turn / segment.per_second)
    }
}

/// Returns the seconds in which the rate of these stretches changes, their end included.
#[must_use]
pub fn changes(stretches: &[Stretch]) -> Vec<usize> {
    let (mut seconds, mut at) = (Vec::new(), Duration::ZERO);
    for stretch in stretches {
        at += stretch.lasts;
        seconds.push(usize::try_from(at.as_secs()).unwrap_or(usize::MAX));
    }
    seconds
}

/// Rounds to the nearest whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of arrivals are far below 2^52 and never below zero"
)]
pub(crate) fn whole(number: f64) -> u64 {
    number.round() as u64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of arrivals are far below 2^52"
)]
pub(crate) fn exact(number: u64) -> f64 {
    number as f64
}

/// Returns a number from 0 to 1 derived from the seed (SplitMix64).
fn fraction(seed: u64) -> f64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    exact((mixed ^ (mixed >> 31)) >> 12) / exact(1 << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(seconds: u64, per_second: f64) -> Stretch {
        Stretch {
            lasts: Duration::from_secs(seconds),
            per_second,
        }
    }

    #[test]
    fn each_stretch_has_its_number_within_its_time_and_in_order() {
        let stretches = [
            stretch(10, 5.0),
            stretch(5, 0.0),
            stretch(1, 3_000.0),
            stretch(10, 0.5),
        ];
        let arrivals = Arrivals::new(&stretches, 7);
        assert_eq!((arrivals.total(), arrivals.lasts().as_secs()), (3_055, 26));
        let due: Vec<f64> = (0..3_055)
            .map(|place| arrivals.due(place).as_secs_f64())
            .collect();
        assert!(due.is_sorted());
        let within = |from: f64, to: f64| due.iter().filter(|due| (from..to).contains(due)).count();
        assert_eq!(within(0.0, 10.0), 50);
        assert_eq!(within(10.0, 15.0), 0);
        assert_eq!(within(15.0, 16.0), 3_000);
        assert_eq!(within(16.0, 26.0), 5);
    }

    #[test]
    fn the_same_seed_gives_the_same_arrivals_and_another_gives_others() {
        let due = |seed| {
            let arrivals = Arrivals::new(&[stretch(10, 100.0)], seed);
            (0..1_000).map(|place| arrivals.due(place)).collect::<Vec<_>>()
        };
        assert_eq!(due(1), due(1));
        assert_ne!(due(1), due(2));
    }
}
