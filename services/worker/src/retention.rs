//! Forgets applications past their retention.

use std::time::Duration;

use jiff::Timestamp;
use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};
use sportello_catalogue::LiveCatalogue;
use sportello_store::{AnnouncedPurge, Purged, PurgedBenefit, Store, StoreError};

use crate::backoff::Backoff;
use crate::metrics::Task;

/// Applications of one transaction. Registering for the same persons waits for it.
const SLICE: u32 = 1_000;

/// Purges or pseudonymises applications past the retention of their benefit, no matter which worker
/// registered them.
#[derive(Clone)]
pub struct Retention {
    store: Store,
    catalogue: LiveCatalogue,
    applications: Counter<u64>,
}

impl Retention {
    /// Makes the task for the retention that this catalogue declares.
    #[must_use]
    pub fn new(store: Store, catalogue: LiveCatalogue) -> Self {
        let meter = global::meter("sportello.worker");
        let applications = meter
            .u64_counter("sportello.retention.applications")
            .with_description("applications that are not kept any more, by benefit and kind of disposal");
        Self {
            store,
            catalogue,
            applications: applications.build(),
        }
    }

    /// Makes one pass over the benefits whose retention has ended by the database's clock. `own` is
    /// this process's time: where the two differ, nothing is erased. Each purge was announced a day
    /// before: see [`Store::purge`].
    ///
    /// # Errors
    /// [`StoreError`]: the pass may be made again.
    pub async fn step(&self, own: Timestamp) -> Result<Purged, StoreError> {
        let retentions = self.catalogue.current().retentions();
        let mut purged = self.store.purge(&retentions, own, SLICE).await?;
        purged.benefits.iter().for_each(|benefit| self.report(benefit));
        if !purged.more {
            purged.announced.iter().for_each(warn);
        }
        if let Some(apart) = purged.clocks_apart {
            let seconds = apart.as_secs();
            tracing::warn!(
                seconds,
                "this machine's clock and the database's differ: nothing is erased until they agree"
            );
            return Ok(purged);
        }
        purged.more |= self.store.remove_late_reads(SLICE).await?;
        Ok(purged)
    }

    fn report(&self, purged: &PurgedBenefit) {
        let PurgedBenefit {
            benefit,
            then,
            applications,
            dead_letters,
        } = purged;
        tracing::info!(
            %benefit, then = then.as_str(), applications, dead_letters, "applications are not kept any more"
        );
        let attributes = [
            KeyValue::new("benefit", benefit.to_string()),
            KeyValue::new("kind", then.as_str()),
        ];
        self.applications.add(*applications, &attributes);
    }

    /// Makes passes at the interval `every`, and at once while there is more to do. The first pass
    /// comes one interval after the start. No application waits for it, so its attempts may take
    /// their time.
    pub(crate) async fn run(self, every: Duration, backoff: Backoff) {
        let mut pause = every;
        loop {
            tokio::select! {
                biased;
                () = backoff.stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            let attempt = || self.step(Timestamp::now());
            let Ok(purged) = backoff.until_done(Task::Forget, attempt).await else {
                return;
            };
            pause = if purged.more { Duration::ZERO } else { every };
        }
    }
}

fn warn(announced: &AnnouncedPurge) {
    let AnnouncedPurge { benefit, then, from } = announced;
    tracing::warn!(
        %benefit, then = then.as_str(), %from,
        "the retention has ended: the applications are erased for ever from then on; to keep them, \
         write more days into the benefit's file"
    );
}
