//! Shares out the budgets.

use std::time::Duration;

use jiff::Timestamp;
use sportello_catalogue::LiveCatalogue;
use sportello_store::{Allotment, Store, StoreError};

use crate::metrics::Task;
use crate::patience::Patience;

/// Between two passes that found no more to do.
const PAUSE: Duration = Duration::from_secs(1);

/// Decides which of the applications that stand their budget reaches for, whichever worker registered them.
#[derive(Clone)]
pub struct Allotter {
    store: Store,
    catalogue: LiveCatalogue,
}

impl Allotter {
    /// Shares out the budgets that this catalogue declares.
    #[must_use]
    pub fn new(store: Store, catalogue: LiveCatalogue) -> Self {
        Self { store, catalogue }
    }

    /// One pass over the budgets.
    ///
    /// # Errors
    /// [`StoreError`]: the pass may be made again.
    pub async fn step(&self) -> Result<Allotment, StoreError> {
        let rules = self.catalogue.current().budget_rules();
        self.store.allot(&rules, Timestamp::now()).await
    }

    /// Makes one pass after the other until the process is to end. Nothing waits for it: it has all the patience.
    pub(crate) async fn run(self, patience: Patience) {
        loop {
            let Ok(allotment) = patience.until_done(Task::Allot, || self.step()).await else {
                return;
            };
            if allotment.more {
                continue;
            }
            tokio::select! {
                biased;
                () = patience.stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
}
