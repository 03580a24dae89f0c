//! Everything that works on the register, from the first look at its schema to the end.

use std::sync::Arc;
use std::time::Duration;

use sportello_catalogue::LiveCatalogue;
use sportello_domain::Channel;
use sportello_queue::{Crowd, DeadLetters};
use sportello_store::{SchemaError, Store};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::allotter::Allotter;
use crate::config::Config;
use crate::health::Attachments;
use crate::lane::{Lane, LaneConfig, Step};
use crate::metrics::{Metrics, Task};
use crate::patience::{Patience, Stopped};
use crate::retention::Retention;
use crate::turns::Turns;
use crate::worker::WorkerError;

/// The most applications of one transaction of intermediaries, which a citizen's may have to wait for: 20 to 50 ms.
const BULK_BATCH: usize = 500;

/// What drains the queues; beside it, shares out the budgets and forgets what was kept long enough.
pub(crate) struct Drain {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) catalogue: LiveCatalogue,
    pub(crate) attachments: Attachments,
    pub(crate) stopping: CancellationToken,
}

impl Drain {
    /// Works until told to stop.
    pub(crate) async fn run(self) -> Result<(), WorkerError> {
        let patience = Patience {
            stop: self.stopping.clone(),
            metrics: Arc::new(Metrics::new()),
        };
        let checked = patience.until_done(Task::CheckSchema, || check_schema(&self.store));
        match checked.await {
            Ok(checked) => checked?,
            Err(Stopped) => return Ok(()),
        }
        let allotter = Allotter::new(self.store.clone(), self.catalogue.clone());
        let retention = Retention::new(self.store.clone(), self.catalogue.clone());
        // tasks of their own: whatever befalls them, the lanes go on
        let allotting = tokio::spawn(allotter.run(patience.clone()));
        let forgetting = tokio::spawn(retention.run(patience));
        let ended = self.drain().await;
        if allotting.await.is_err() {
            tracing::error!("the budgets were not shared out to the end");
        }
        if forgetting.await.is_err() {
            tracing::error!("what was kept long enough was not forgotten to the end");
        }
        ended
    }

    async fn drain(&self) -> Result<(), WorkerError> {
        let dead_letters = Arc::new(DeadLetters::new(self.config.amqp_url.clone(), "worker"));
        let turns = Turns::new(self.config.lanes.into(), self.config.weights);
        let crowd = self.crowd();
        let mut lanes = JoinSet::new();
        let mut attached = Vec::new();
        for channel in Channel::ALL {
            // one waits for its turn whenever all the others have theirs: without it the weights would not hold
            for _ in 0..=self.config.lanes.get() {
                let lane = self.lane(channel, turns.clone(), crowd.clone(), Arc::clone(&dead_letters));
                attached.push(lane.attachment());
                lanes.spawn(run_lane(lane));
            }
        }
        self.attachments.get_or_init(|| attached);
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

    /// What registering gives way to, if it is told to.
    fn crowd(&self) -> Option<Crowd> {
        let patience = Duration::from_secs(self.config.crowd_patience_seconds.into());
        (!patience.is_zero()).then(|| Crowd::start(self.config.amqp_url.clone(), "worker", patience))
    }

    fn lane(
        &self,
        channel: Channel,
        turns: Turns,
        crowd: Option<Crowd>,
        dead_letters: Arc<DeadLetters>,
    ) -> Lane {
        let batch = usize::try_from(self.config.batch).unwrap_or(usize::MAX);
        let config = LaneConfig {
            uri: self.config.amqp_url.clone(),
            channel,
            prefetch: self.config.prefetch,
            batch: match channel {
                Channel::Citizen => batch,
                Channel::Intermediary => batch.min(BULK_BATCH),
            },
            turns,
            crowd,
        };
        let (store, catalogue) = (self.store.clone(), self.catalogue.clone());
        Lane::start(config, store, catalogue, dead_letters, self.stopping.clone())
    }
}

/// Trying again helps only while the database is away: the outer error.
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
            known = done.known,
            dead_lettered = done.dead_lettered,
            "a batch is settled"
        );
    }
    lane.close().await;
}
