//! Notices that transactions take much longer than before the last raise.

use sportello_scaling::Saturation;

/// Seconds after which what is read holds nothing of before a raise: the sampler's window.
const WINDOW: u32 = 10;
/// So much longer means that a raise by one has brought less than nothing.
const LONGER: f64 = 2.0;

/// What an application took in its transaction, with the workers of now and with those of before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Transactions {
    workers: u16,
    /// Seconds for which so many workers had something to do.
    seconds: u32,
    cost: Option<f64>,
    before: Option<(u16, f64)>,
}

impl Transactions {
    /// Learns from a second in which workers had something to do all the time: how many they were,
    /// and what an application took.
    pub(super) fn learn(&mut self, workers: u16, cost: f64) {
        if workers > self.workers {
            // a raise upon a raise is measured from the first
            let before = self.cost.map(|cost| (self.workers, cost));
            (self.before, self.cost) = (before.or(self.before), None);
        } else if workers < self.workers {
            (self.before, self.cost) = (None, None);
        }
        if workers != self.workers {
            (self.workers, self.seconds) = (workers, 0);
        }
        self.seconds = self.seconds.saturating_add(1);
        if self.seconds > WINDOW {
            self.cost = Some(cost);
        }
    }

    /// Returns whether they are used up: an application takes twice as long as before the last
    /// raise, and as many times as long as there are more workers, so that the raise brought
    /// nothing.
    pub(super) fn saturation(self) -> Option<Saturation> {
        let (workers, before) = self.before?;
        let raised = f64::from(self.workers) / f64::from(workers.max(1));
        (self.cost? >= before * raised.max(LONGER)).then_some(Saturation::Transactions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: &[(u32, u16, f64)]) -> Transactions {
        let mut transactions = Transactions::default();
        for (seconds, workers, cost) in seconds {
            (0..*seconds).for_each(|_| transactions.learn(*workers, *cost));
        }
        transactions
    }

    #[test]
    fn twice_as_long_after_a_raise_is_saturation() {
        let saturated = Some(Saturation::Transactions);
        assert_eq!(after(&[(20, 1, 0.01), (11, 2, 0.02)]).saturation(), saturated);
        assert_eq!(after(&[(20, 1, 0.01), (11, 2, 0.019)]).saturation(), None);
        // the first seconds still hold what was before
        assert_eq!(after(&[(20, 1, 0.01), (10, 2, 0.02)]).saturation(), None);
        // without a raise it is only a slow database
        assert_eq!(after(&[(20, 2, 0.01), (20, 2, 0.5)]).saturation(), None);
    }

    #[test]
    fn a_large_raise_may_cost_as_much_as_it_is_large() {
        assert_eq!(after(&[(20, 1, 0.01), (20, 4, 0.03)]).saturation(), None);
        let saturated = Some(Saturation::Transactions);
        assert_eq!(after(&[(20, 1, 0.01), (20, 4, 0.04)]).saturation(), saturated);
        // in steps that are too short to be measured
        let steps = [(20, 1, 0.01), (3, 2, 0.01), (3, 3, 0.01), (20, 4, 0.04)];
        assert_eq!(after(&steps).saturation(), saturated);
    }

    #[test]
    fn one_fewer_ends_it() {
        let lowered = after(&[(20, 1, 0.01), (20, 2, 0.02), (20, 1, 0.02)]);
        assert_eq!(lowered.saturation(), None);
    }
}
