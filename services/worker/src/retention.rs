//! Forgets applications that were kept long enough.

use std::slice;
use std::time::Duration;

use jiff::Timestamp;
use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};
use sportello_catalogue::LiveCatalogue;
use sportello_store::{Purged, PurgedBenefit, Store, StoreError};

use crate::metrics::Task;
use crate::patience::Patience;

/// Between two passes that found no more to do.
const PAUSE: Duration = Duration::from_secs(60 * 60);
/// Applications of one transaction: who registers for the same persons waits for it.
const SLICE: u32 = 1_000;

/// Purges or pseudonymises applications as the retention of their benefit says, whichever worker registered them.
#[derive(Clone)]
pub struct Retention {
    store: Store,
    catalogue: LiveCatalogue,
    applications: Counter<u64>,
}

impl Retention {
    /// Follows the retention that this catalogue declares.
    #[must_use]
    pub fn new(store: Store, catalogue: LiveCatalogue) -> Self {
        let meter = global::meter("sportello.worker");
        let applications = meter
            .u64_counter("sportello.retention.applications")
            .with_description("applications that are not kept any more, by benefit and what became of them");
        Self {
            store,
            catalogue,
            applications: applications.build(),
        }
    }

    /// One pass over the benefits whose retention has ended at `now`.
    ///
    /// # Errors
    /// [`StoreError`]: the pass may be made again.
    pub async fn step(&self, now: Timestamp) -> Result<Purged, StoreError> {
        let mut all = Purged::default();
        // one after the other, so that each is told whatever befalls the next
        for retention in self.catalogue.current().retentions() {
            let one = self.store.purge(slice::from_ref(&retention), now, SLICE).await?;
            one.benefits.iter().for_each(|purged| self.tell(purged));
            all.benefits.extend(one.benefits);
            all.more |= one.more;
            all.elsewhere |= one.elsewhere;
        }
        Ok(all)
    }

    fn tell(&self, purged: &PurgedBenefit) {
        let PurgedBenefit {
            benefit,
            then,
            applications,
        } = purged;
        tracing::info!(%benefit, then = then.as_str(), applications, "applications are not kept any more");
        let attributes = [
            KeyValue::new("benefit", benefit.to_string()),
            KeyValue::new("kind", then.as_str()),
        ];
        self.applications.add(*applications, &attributes);
    }

    /// Makes passes, each hour and at once while there is more to do. Nothing waits for it: it has all the patience.
    pub(crate) async fn run(self, patience: Patience) {
        loop {
            let attempt = || self.step(Timestamp::now());
            let Ok(purged) = patience.until_done(Task::Forget, attempt).await else {
                return;
            };
            let pause = if purged.more { Duration::ZERO } else { PAUSE };
            tokio::select! {
                biased;
                () = patience.stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
