//! Counts the register once a night, and compares it with the counters of outcomes.

use std::time::Duration;

use sportello_store::{Recount, Store, StoreError};

use crate::backoff::Backoff;
use crate::metrics::Task;

/// Interval between two looks at whether it is due.
const EVERY: Duration = Duration::from_secs(300);

/// The nightly self-audit. The ledger's metrics show what the last one found.
#[derive(Clone)]
pub struct Recounting {
    store: Store,
}

impl Recounting {
    /// Makes the task for this register.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Counts the register if that is due, or `at_once`. `None` where it was not counted.
    ///
    /// # Errors
    /// [`StoreError`]: the count may be made again.
    pub async fn step(&self, at_once: bool) -> Result<Option<Recount>, StoreError> {
        if !at_once && !self.store.is_recount_due().await? {
            return Ok(None);
        }
        let counted = self.store.recount().await?;
        if let Some(Recount {
            applications,
            miscounted,
        }) = counted
        {
            if miscounted > 0 {
                tracing::error!(
                    applications,
                    miscounted,
                    "the counters of outcomes differ from the register: what operators see is wrong by so many"
                );
            } else {
                tracing::info!(applications, "the counters of outcomes agree with the register");
            }
        }
        Ok(counted)
    }

    /// Looks each five minutes until the process is to end.
    pub(crate) async fn run(self, backoff: Backoff) {
        loop {
            tokio::select! {
                biased;
                () = backoff.stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            let counted = backoff.until_done(Task::Recount, || self.step(false)).await;
            if counted.is_err() {
                return;
            }
        }
    }
}
