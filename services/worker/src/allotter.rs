//! Shares out the budgets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sportello_catalogue::LiveCatalogue;
use sportello_store::{Allotment, Store, StoreError};

use crate::backoff::Backoff;
use crate::metrics::Task;

/// Pause after a pass that found no more to do.
const PAUSE: Duration = Duration::from_secs(1);

/// Decides which of the standing applications their budget covers, no matter which worker
/// registered them.
#[derive(Clone)]
pub struct Allotter {
    store: Store,
    catalogue: LiveCatalogue,
    outdated: Arc<AtomicBool>,
}

impl Allotter {
    /// Makes an allotter for the budgets that this catalogue declares.
    #[must_use]
    pub fn new(store: Store, catalogue: LiveCatalogue) -> Self {
        Self {
            store,
            catalogue,
            outdated: Arc::default(),
        }
    }

    /// Returns whether another worker had a newer file of a benefit than this one, in the last
    /// pass. This worker leaves the budgets of such a benefit to the workers with the newer file.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.outdated.load(Ordering::Relaxed)
    }

    /// Makes one pass over the budgets, by the database's time.
    ///
    /// # Errors
    /// [`StoreError`]: the pass may be made again.
    pub async fn step(&self) -> Result<Allotment, StoreError> {
        let rules = self.catalogue.current().budget_rules();
        let allotment = self.store.allot(&rules, self.store.now().await?).await?;
        if allotment.outdated && !self.outdated.load(Ordering::Relaxed) {
            tracing::warn!(
                "another worker has a newer file of a benefit: its budgets are left to that worker"
            );
        }
        self.outdated.store(allotment.outdated, Ordering::Relaxed);
        Ok(allotment)
    }

    /// Makes one pass after the other until the process is to end. No application waits for it, so
    /// its attempts may take their time.
    pub(crate) async fn run(self, backoff: Backoff) {
        loop {
            let Ok(allotment) = backoff.until_done(Task::Allot, || self.step()).await else {
                return;
            };
            if allotment.more {
                continue;
            }
            tokio::select! {
                biased;
                () = backoff.stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
}
