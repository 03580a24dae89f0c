//! How applications arrive on an opening night: most at once, the rest evenly.

use serde::Serialize;

/// Seconds of a minute.
pub(super) const MINUTE: f64 = 60.0;
/// Seconds of an hour.
pub(super) const HOUR: f64 = 3_600.0;
/// Far above the decay of any curve that a person would ask for: `e^-500` is nothing.
const STEEPEST: f64 = 500.0;
/// Halvings of the range of the decay: more change nothing in a `f64`.
const HALVINGS: u32 = 60;

/// Arrivals over time. In the first minutes the rate falls exponentially from the peak; afterwards
/// it stays the same until the end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Curve {
    /// Applications in all.
    pub applications: f64,
    /// Seconds from the opening to the last arrival.
    pub lasts_s: f64,
    /// Length of the rush in seconds.
    pub rush_s: f64,
    /// Share of the applications that come in the rush, from 0 to 1.
    pub rush_share: f64,
    /// The first second's rate over the mean of the rush, at least 1.
    pub peak_factor: f64,
}

impl Curve {
    /// Returns applications of the busiest second.
    #[must_use]
    pub fn peak(&self) -> f64 {
        (self.rush_mean() * self.peak_factor).max(self.later())
    }

    /// Returns the applications that came until an instant.
    #[must_use]
    pub fn until(&self, at_s: f64) -> f64 {
        let at_s = at_s.clamp(0.0, self.lasts_s);
        if at_s >= self.rush_s {
            return self.applications * self.rush_share + self.later() * (at_s - self.rush_s);
        }
        let (part, decay) = (at_s / self.rush_s, self.decay());
        let share = if decay == 0.0 {
            part
        } else {
            (1.0 - (-decay * part).exp()) / (1.0 - (-decay).exp())
        };
        self.applications * self.rush_share * share
    }

    fn rush_mean(&self) -> f64 {
        self.applications * self.rush_share / self.rush_s
    }

    /// Returns the rate after the rush.
    fn later(&self) -> f64 {
        let rest = self.lasts_s - self.rush_s;
        if rest <= 0.0 {
            0.0
        } else {
            self.applications * (1.0 - self.rush_share) / rest
        }
    }

    /// Returns the decay `k` over the rush, for which `e^-kx` is 1 at the beginning and has the
    /// mean `1 / peak_factor`: `peak_factor = k / (1 - e^-k)`.
    fn decay(&self) -> f64 {
        let (mut low, mut high) = (0.0, STEEPEST);
        if self.peak_factor <= 1.0 {
            return low;
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if middle / (1.0 - (-middle).exp()) < self.peak_factor {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(peak_factor: f64) -> Curve {
        Curve {
            applications: 1_000_000.0,
            lasts_s: 8.0 * HOUR,
            rush_s: 30.0 * MINUTE,
            rush_share: 0.25,
            peak_factor,
        }
    }

    #[test]
    fn all_arrive_and_the_rush_has_its_share() {
        for peak_factor in [1.0, 1.5, 2.5, 20.0] {
            let curve = curve(peak_factor);
            let near = |at_s: f64, expected: f64| {
                let come = curve.until(at_s);
                assert!(
                    (come - expected).abs() < 1.0,
                    "{peak_factor}: {come} not {expected}"
                );
            };
            near(0.0, 0.0);
            near(30.0 * MINUTE, 250_000.0);
            near(8.0 * HOUR, 1_000_000.0);
            near(9.0 * HOUR, 1_000_000.0);
        }
    }

    #[test]
    fn the_first_second_is_the_busiest_and_the_rate_only_falls() {
        let curve = curve(2.5);
        assert!((curve.peak() - 2.5 * 250_000.0 / 1_800.0).abs() < 0.01);
        let come = |second: u32| curve.until(f64::from(second));
        let each = (0..8 * 3_600).map(|second| come(second + 1) - come(second));
        let each: Vec<f64> = each.collect();
        assert!((each[0] - curve.peak()).abs() < 1.0, "{}", each[0]);
        // a thousandth of a person is a rounding
        assert!(each.is_sorted_by(|one, next| *one > next - 0.001));
    }

    #[test]
    fn without_a_rush_all_seconds_are_alike() {
        let even = Curve {
            rush_share: 0.0,
            ..curve(1.0)
        };
        assert!((even.peak() - 1_000_000.0 / (7.5 * HOUR)).abs() < 0.01);
    }
}
