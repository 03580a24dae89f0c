//! Bounds of the difference between two clocks.

use jiff::SignedDuration;

/// Bounds of the difference between another clock and this one: the other clock is ahead by `least`
/// to `most`.
///
/// An answer with the other clock's time gives bounds: that time was read after the request was
/// sent and before the answer arrived. A slow answer widens the bounds but never shifts them, so it
/// does not look like a wrong clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockDifference {
    least: SignedDuration,
    most: SignedDuration,
}

impl ClockDifference {
    /// Makes bounds from two differences in any order.
    #[must_use]
    pub fn between(one: SignedDuration, other: SignedDuration) -> Self {
        Self {
            least: one.min(other),
            most: one.max(other),
        }
    }

    /// Returns the difference that is certain: the bound nearest to zero, or zero where zero lies
    /// within the bounds.
    #[must_use]
    pub fn certain(self) -> SignedDuration {
        SignedDuration::ZERO.clamp(self.least, self.most)
    }

    /// Returns the intersection of both bounds; `None` if they contradict each other, since one of
    /// the clocks was set meanwhile.
    #[must_use]
    pub fn and(self, other: Self) -> Option<Self> {
        let (least, most) = (self.least.max(other.least), self.most.min(other.most));
        (least <= most).then_some(Self { least, most })
    }

    /// Returns the difference from a third clock that is ahead of this one by `ahead`.
    #[must_use]
    pub fn seen_from(self, ahead: SignedDuration) -> Self {
        Self {
            least: self.least.saturating_sub(ahead),
            most: self.most.saturating_sub(ahead),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(least: i64, most: i64) -> ClockDifference {
        ClockDifference::between(
            SignedDuration::from_millis(least),
            SignedDuration::from_millis(most),
        )
    }

    #[test]
    fn only_what_no_delay_explains_is_a_difference() {
        for (bounds, certain) in [
            (between(-200, 900), 0),
            (between(1_500, 2_500), 1_500),
            (between(-9_000, -8_000), -8_000),
            (between(900, -200), 0),
        ] {
            assert_eq!(
                bounds.certain(),
                SignedDuration::from_millis(certain),
                "{bounds:?}"
            );
        }
    }

    #[test]
    fn answers_narrow_the_bounds_and_a_clock_that_was_set_contradicts_them() {
        assert_eq!(
            between(-200, 900).and(between(100, 2_000)),
            Some(between(100, 900))
        );
        assert_eq!(between(-200, 900).and(between(1_000, 2_000)), None);
        let ahead = SignedDuration::from_millis(500);
        assert_eq!(between(-200, 900).seen_from(ahead), between(-700, 400));
    }
}
