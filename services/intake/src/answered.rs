//! Counts what was answered with `202`, for the ledger.

use std::array;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;
use sportello_domain::{BenefitCounts, BenefitId, Channel, EdgeCounts, PerChannel};
use sportello_queue::Edge;

use crate::fallback::Fallback;

/// Counters beside each other: as many threads count without waiting for one another.
const CELLS: usize = 16;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The cell of this thread.
    static HERE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % CELLS;
}

/// Counters on cache lines of their own.
#[derive(Default)]
#[repr(align(128))]
struct Cells {
    all: PerChannel<AtomicU64>,
    /// Locked by its own thread alone, and once a second to be read.
    benefits: Mutex<PerChannel<BenefitCounts>>,
}

/// Applications and withdrawals that were answered with `202`. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Answered(Arc<[Cells; CELLS]>);

impl Default for Answered {
    fn default() -> Self {
        Self(Arc::new(array::from_fn(|_| Cells::default())))
    }
}

impl Answered {
    /// Counts an application, which is kept durably.
    pub(crate) fn application(&self, channel: Channel, benefit: &BenefitId) {
        HERE.with(|cell| {
            let cells = &self.0[*cell];
            let mut benefits = cells.benefits.lock();
            match benefits[channel].get_mut(benefit) {
                Some(count) => *count += 1,
                None => {
                    benefits[channel].insert(benefit.clone(), 1);
                }
            }
        });
        self.count(channel);
    }

    /// Counts a withdrawal, which is kept durably.
    pub(crate) fn withdrawal(&self, channel: Channel) {
        self.count(channel);
    }

    fn count(&self, channel: Channel) {
        HERE.with(|cell| self.0[*cell].all[channel].fetch_add(1, Ordering::Relaxed));
    }

    /// Returns the applications of a channel by benefit.
    pub(crate) fn benefits(&self, channel: Channel) -> BenefitCounts {
        let mut sums = BenefitCounts::default();
        for cells in self.0.iter() {
            for (benefit, count) in &cells.benefits.lock()[channel] {
                *sums.entry(benefit.clone()).or_default() += count;
            }
        }
        sums
    }

    fn of(&self, channel: Channel) -> u64 {
        let cells = self
            .0
            .iter()
            .map(|cells| cells.all[channel].load(Ordering::Relaxed));
        cells.sum()
    }

    /// Returns what this process states of itself beside its messages.
    pub(crate) fn edge(&self, fallback: Option<Fallback>) -> Edge {
        let (answered, by_benefit) = (self.clone(), self.clone());
        let counts = move |channel| {
            // before the puts: each answer follows its put
            let answered = answered.of(channel);
            let (spool_put, spool_held) = fallback
                .as_ref()
                .map_or((0, 0), |fallback| fallback.counts(channel));
            EdgeCounts {
                answered,
                spool_put,
                spool_held,
            }
        };
        Edge::new(counts, move |channel| by_benefit.benefits(channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_count() {
        let answered = Answered::default();
        let benefit = BenefitId::parse("a-benefit").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    (0..100).for_each(|_| answered.application(Channel::Citizen, &benefit));
                    answered.withdrawal(Channel::Citizen);
                });
            }
        });
        assert_eq!(answered.of(Channel::Citizen), 2020);
        let by_benefit = BenefitCounts::from([(benefit, 2000)]);
        assert_eq!(answered.benefits(Channel::Citizen), by_benefit);
        assert!(answered.benefits(Channel::Intermediary).is_empty());
        assert_eq!(answered.of(Channel::Intermediary), 0);
    }
}
