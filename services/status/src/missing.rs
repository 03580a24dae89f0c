//! Notices receipts whose application is nowhere: the holder's own proof that it was lost.

use std::sync::Arc;

use jiff::Timestamp;
use opentelemetry::global;
use opentelemetry::metrics::Counter;
use parking_lot::Mutex;
use sportello_domain::Receipt;
use sportello_store::{Missing, SETTLED_WITHIN, Store};
use tokio::task::JoinHandle;

use crate::progress::BETWEEN_READINGS;

/// Looks from time to time how far everything is settled, and judges receipts by it.
pub(crate) struct MissingWatch {
    store: Store,
    settled_before: Arc<Mutex<Option<Timestamp>>>,
    missing: Counter<u64>,
    task: JoinHandle<()>,
}

impl MissingWatch {
    /// Starts looking. To be called on a tokio runtime.
    pub(crate) fn start(store: Store) -> Self {
        let settled_before = Arc::new(Mutex::new(None));
        let (known, reader) = (Arc::clone(&settled_before), store.clone());
        let task = tokio::spawn(async move {
            loop {
                *known.lock() = reader.settled_before().await.unwrap_or_default();
                tokio::time::sleep(BETWEEN_READINGS).await;
            }
        });
        let missing = global::meter("sportello.status")
            .u64_counter("sportello.status.proven_missing")
            .with_description(
                "valid receipts whose application is nowhere although all of that time is settled",
            )
            .build();
        // the series exists from the start
        missing.add(0, &[]);
        Self {
            store,
            settled_before,
            missing,
            task,
        }
    }

    /// Judges an application that this valid receipt is of and that is not on the register. The
    /// caller does not wait for it.
    pub(crate) fn look(&self, receipt: &Receipt) {
        let settled_before = *self.settled_before.lock();
        let is_due = |before: Timestamp| receipt.received_at + SETTLED_WITHIN < before;
        if !settled_before.is_some_and(is_due) {
            return;
        }
        let (store, counter) = (self.store.clone(), self.missing.clone());
        let missing = Missing {
            id: receipt.application_id,
            benefit: receipt.benefit.clone(),
            received_at: receipt.received_at,
        };
        tokio::spawn(async move {
            match store.prove_missing(&missing).await {
                Ok(true) => {
                    counter.add(1, &[]);
                    // without its id, the part of an address that can't be guessed: the row has it
                    tracing::error!(
                        benefit = missing.benefit.as_str(),
                        "a valid receipt's application is lost: its id is in the table proven_missing"
                    );
                }
                Ok(false) => {}
                Err(error) => tracing::debug!(%error, "a missing application can't be judged now"),
            }
        });
    }
}

impl Drop for MissingWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}
