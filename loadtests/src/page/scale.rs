//! Scales of axes, and their labels.

/// The values of an axis, from its bottom to its top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// From zero.
    Linear {
        /// The largest value.
        top: f64,
        /// Distance of two labels.
        step: f64,
    },
    /// Powers of ten.
    Log {
        /// The exponent of the smallest.
        from: i32,
        /// The exponent of the largest.
        to: i32,
    },
}

/// The smallest value of a logarithmic axis.
const SMALLEST: f64 = 1e-2;
const ROUND: [f64; 4] = [1.0, 2.0, 5.0, 10.0];
/// Steps of a time axis, in seconds.
const TIMES: [f64; 18] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 10_800.0,
    21_600.0, 43_200.0, 86_400.0,
];

impl Scale {
    /// Makes a scale from zero to a round value that holds all values.
    #[must_use]
    pub fn linear(largest: f64) -> Self {
        let largest = if largest > 0.0 { largest } else { 1.0 };
        let step = round_step(largest / 4.0);
        Self::Linear {
            top: (largest / step).ceil() * step,
            step,
        }
    }

    /// Makes a scale of powers of ten that holds all values.
    #[must_use]
    pub fn log(smallest: f64, largest: f64) -> Self {
        let smallest = smallest.max(SMALLEST);
        let from = exponent(smallest.log10().floor());
        let to = exponent(largest.max(smallest).log10().ceil());
        Self::Log {
            from,
            to: to.max(from + 1),
        }
    }

    /// Returns the height of a value: 0 at the bottom, 1 at the top.
    #[must_use]
    pub fn share(&self, value: f64) -> f64 {
        let share = match *self {
            Self::Linear { top, .. } => value / top,
            Self::Log { from, to } => (value.max(SMALLEST).log10() - f64::from(from)) / f64::from(to - from),
        };
        share.clamp(0.0, 1.0)
    }

    /// Returns the labelled values, from the bottom up.
    #[must_use]
    pub fn ticks(&self) -> Vec<f64> {
        match *self {
            Self::Linear { top, step } => multiples(step, top),
            Self::Log { from, to } => (from..=to).map(|exponent| 10_f64.powi(exponent)).collect(),
        }
    }
}

/// Returns the labelled instants of a run of this length, in seconds.
#[must_use]
pub fn times(length_s: f64) -> Vec<f64> {
    let fits = |step: &&f64| length_s / **step <= 8.0;
    let step = TIMES.iter().find(fits).copied();
    multiples(step.unwrap_or_else(|| round_step(length_s / 8.0)), length_s)
}

fn multiples(step: f64, up_to: f64) -> Vec<f64> {
    let times = (0..100).map(|n| f64::from(n) * step);
    times.take_while(|value| *value <= up_to + step * 1e-6).collect()
}

/// Returns the smallest of 1, 2, 5, 10 … that is at least this.
fn round_step(at_least: f64) -> f64 {
    let power = 10_f64.powf(at_least.log10().floor());
    let fits = |step: &&f64| **step * power >= at_least * 0.999_999;
    ROUND.iter().find(fits).unwrap_or(&10.0) * power
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the logarithm of a float is far below"
)]
fn exponent(logarithm: f64) -> i32 {
    logarithm as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_value_that_holds_everything() {
        assert_eq!(Scale::linear(5_944.0).ticks(), [0.0, 2_000.0, 4_000.0, 6_000.0]);
        assert_eq!(Scale::linear(2.0).ticks(), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(Scale::linear(0.0).ticks().last(), Some(&1.0));
        let log = Scale::log(0.8, 1_300.0);
        assert_eq!(log, Scale::Log { from: -1, to: 4 });
        assert_eq!(
            [log.share(0.1), log.share(10_000.0), log.share(0.0)],
            [0.0, 1.0, 0.0]
        );
        assert_eq!(Scale::log(0.0, 0.0), Scale::Log { from: -2, to: -1 });
        assert_eq!(Scale::log(1.0, 1.0), Scale::Log { from: 0, to: 1 });
    }

    #[test]
    fn a_run_of_any_length_has_a_few_round_instants() {
        for length_s in 1..200_000 {
            let times = times(f64::from(length_s));
            assert!((1..=10).contains(&times.len()), "{length_s}: {times:?}");
        }
        assert_eq!(times(1.0), [0.0, 1.0]);
        assert_eq!(times(900.0).len(), 8);
    }
}
