//! Everything that works on the register, from the check of its schema to the end.

use std::sync::Arc;
use std::time::Duration;

use sportello_catalogue::LiveCatalogue;
use sportello_domain::Channel;
use sportello_ledger::LedgerTask;
use sportello_queue::{DeadLetters, LetterBox, NEWEST_VERSION};
use sportello_signals::Overload;
use sportello_store::{SchemaError, Store};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::allotter::Allotter;
use crate::backlog::Backlog;
use crate::backoff::{Backoff, Stopped};
use crate::config::Config;
use crate::error::WorkerError;
use crate::fair_share::FairShare;
use crate::health::{LaneSigns, Lanes};
use crate::ingester::Ingester;
use crate::lane::{Lane, LaneConfig, Step};
use crate::metrics::{Metrics, Task};
use crate::recounting::Recounting;
use crate::retention::Retention;
use crate::transactions::Progress;

/// Most applications of an intermediary's transaction. A citizen's may have to wait for it: 20 to
/// 50 ms.
const BULK_BATCH: usize = 500;

/// Drains the queues. Beside it, shares out the budgets, takes in dead letters, and forgets
/// applications past their retention.
pub(crate) struct Drain {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) catalogue: LiveCatalogue,
    pub(crate) lanes: Lanes,
    pub(crate) allotter: Allotter,
    pub(crate) backlog: Backlog,
    pub(crate) stopping: CancellationToken,
}

impl Drain {
    /// Works until the process is to end.
    pub(crate) async fn run(self, ledger: LedgerTask) -> Result<(), WorkerError> {
        let backoff = Backoff {
            stop: self.stopping.clone(),
            metrics: Arc::new(Metrics::new()),
        };
        let checked = backoff.until_done(Task::CheckSchema, || check_schema(&self.store));
        match checked.await {
            Ok(checked) => checked?,
            Err(Stopped) => return Ok(()),
        }
        let retention = Retention::new(self.store.clone(), self.catalogue.clone());
        // tasks of their own: a panic there does not stop the lanes
        let allotting = tokio::spawn(self.allotter.clone().run(backoff.clone()));
        let metrics = Arc::clone(&backoff.metrics);
        let failed = move || metrics.retries(Task::Audit);
        let auditing = tokio::spawn(ledger.run(backoff.stop.clone(), failed));
        let every = Duration::from_secs(self.config.retention_seconds.into());
        let forgetting = tokio::spawn(retention.run(every, backoff.clone()));
        let recounting = tokio::spawn(Recounting::new(self.store.clone()).run(backoff.clone()));
        let letter_box = LetterBox::new(self.config.broker(), "worker");
        let ingester = Ingester::new(self.store.clone(), letter_box);
        let ingesting = tokio::spawn(ingester.run(backoff));
        let (uri, stop) = (self.config.broker(), self.stopping.clone());
        let looking = tokio::spawn(self.backlog.clone().run(uri, stop));
        let ended = self.drain().await;
        if looking.await.is_err() {
            tracing::error!("the task that counts the queues' messages panicked");
        }
        if auditing.await.is_err() {
            tracing::error!("the task that audits the ledger panicked");
        }
        if allotting.await.is_err() {
            tracing::error!("the task that shares out the budgets panicked");
        }
        if forgetting.await.is_err() {
            tracing::error!("the retention task panicked");
        }
        if recounting.await.is_err() {
            tracing::error!("the task that counts the register panicked");
        }
        if ingesting.await.is_err() {
            tracing::error!("the task that takes in dead letters panicked");
        }
        ended
    }

    async fn drain(&self) -> Result<(), WorkerError> {
        let dead_letters = Arc::new(DeadLetters::new(self.config.broker(), "worker"));
        let fair_share = FairShare::new(self.config.size.lanes.into(), self.config.weights);
        let overload = self.overload();
        let progress = Progress::default();
        let mut lanes = JoinSet::new();
        let mut signs = Vec::new();
        for channel in Channel::ALL {
            for _ in 0..self.config.size.consumers() {
                let shared = (fair_share.clone(), progress.clone());
                let lane = self.lane(channel, shared, overload.clone(), Arc::clone(&dead_letters));
                signs.push(LaneSigns {
                    attachment: lane.attachment(),
                    kept: lane.kept(),
                });
                lanes.spawn(run_lane(lane));
            }
        }
        self.lanes.get_or_init(|| signs);
        let mut ended = Ok(());
        while let Some(lane) = lanes.join_next().await {
            if lane.is_err() || !self.stopping.is_cancelled() {
                ended = Err(WorkerError::Lane);
                self.stopping.cancel();
            }
        }
        if let Some(dead_letters) = Arc::into_inner(dead_letters) {
            dead_letters.close().await;
        }
        ended
    }

    /// Returns the overload signal, if registering is configured to pause for it.
    fn overload(&self) -> Option<Overload> {
        let backoff = Duration::from_secs(self.config.overload_pause_seconds.into());
        (!backoff.is_zero()).then(|| Overload::start(self.config.broker(), "worker", backoff))
    }

    fn lane(
        &self,
        channel: Channel,
        (fair_share, progress): (FairShare, Progress),
        overload: Option<Overload>,
        dead_letters: Arc<DeadLetters>,
    ) -> Lane {
        let batch = usize::try_from(self.config.transaction_size).unwrap_or(usize::MAX);
        let config = LaneConfig {
            uri: self.config.broker(),
            channel,
            prefetch: self.config.size.prefetch,
            batch: match channel {
                Channel::Citizen => batch,
                Channel::Intermediary => batch.min(BULK_BATCH),
            },
            fair_share,
            progress,
            overload,
            newest: NEWEST_VERSION,
        };
        let (store, catalogue) = (self.store.clone(), self.catalogue.clone());
        Lane::start(config, store, catalogue, dead_letters, self.stopping.clone())
    }
}

/// Checks the schema. A retry helps only while the database is away: the outer error.
async fn check_schema(store: &Store) -> Result<Result<(), SchemaError>, SchemaError> {
    match store.check_schema().await {
        Err(error @ SchemaError::Store(_)) => Err(error),
        checked => Ok(checked),
    }
}

async fn run_lane(mut lane: Lane) {
    while let Step::Done(done) = lane.step().await {
        tracing::debug!(
            registered = done.registered,
            existing = done.existing,
            withdrawals = done.withdrawals,
            dead_lettered = done.dead_lettered,
            "messages are settled"
        );
    }
    lane.close().await;
}
