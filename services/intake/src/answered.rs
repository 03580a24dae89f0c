//! Counts what was answered with `202`, for the ledger.

use std::array;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use sportello_domain::{Channel, EdgeCounts, PerChannel};
use sportello_queue::Edge;

use crate::fallback::Fallback;

/// Counters beside each other: as many threads count without waiting for one another.
const CELLS: usize = 16;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The cell of this thread.
    static HERE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % CELLS;
}

/// A counter on a cache line of its own.
#[derive(Default)]
#[repr(align(128))]
struct Cells(PerChannel<AtomicU64>);

/// Applications and withdrawals that were answered with `202`. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Answered(Arc<[Cells; CELLS]>);

impl Default for Answered {
    fn default() -> Self {
        Self(Arc::new(array::from_fn(|_| Cells::default())))
    }
}

impl Answered {
    /// Counts one: what it says is kept durably.
    pub(crate) fn count(&self, channel: Channel) {
        HERE.with(|cell| self.0[*cell].0[channel].fetch_add(1, Ordering::Relaxed));
    }

    fn of(&self, channel: Channel) -> u64 {
        let cells = self
            .0
            .iter()
            .map(|cells| cells.0[channel].load(Ordering::Relaxed));
        cells.sum()
    }

    /// Returns what this process states of itself beside its messages.
    pub(crate) fn edge(&self, fallback: Option<Fallback>) -> Edge {
        let answered = self.clone();
        Edge::new(move |channel| {
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
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_count() {
        let answered = Answered::default();
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| (0..100).for_each(|_| answered.count(Channel::Citizen)));
            }
        });
        assert_eq!(answered.of(Channel::Citizen), 2000);
        assert_eq!(answered.of(Channel::Intermediary), 0);
    }
}
