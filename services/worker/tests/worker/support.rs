//! A queue, a migrated database and a publisher.

mod sent;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicGetOptions, BasicPublishOptions};
use lapin::{BasicProperties, Connection, ConnectionProperties};
use sportello_catalogue::LiveCatalogue;
use sportello_domain::{Channel, Submitter, Withdrawal};
use sportello_queue::topology::Topology;
use sportello_queue::{
    BrokerUri, Consumer, ConsumerConfig, DeadLetters, NEWEST_VERSION, Publisher, PublisherConfig, Status,
    Submission, encode,
};
use sportello_signals::Overload;
use sportello_stack::catalogue;
use sportello_store::{RegisteredApplication, Store, StoreOptions};
use sportello_testkit::{Account, Sandbox, eventually};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use worker::{Done, FairShare, Lane, LaneConfig, Progress, Step};

use self::sent::instant;
pub(crate) use self::sent::{
    BABY_SITTING, BICYCLE, INDEMNITY, LEAVE, Sent, bicycle, citizen, person, refused, with_three_bicycles,
};

/// For whatever must happen soon, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);

pub(crate) struct Office {
    /// For a test, which may do everything.
    pub(crate) uri: BrokerUri,
    /// For a test, as its owner has it.
    pub(crate) store: Store,
    /// For lanes, as a worker has it.
    pub(crate) worker_store: Store,
    pub(crate) catalogue: LiveCatalogue,
    /// The catalogue's files.
    pub(crate) benefits: TempDir,
    pub(crate) publisher: Publisher,
    pub(crate) stop: CancellationToken,
    /// All lanes of the office share them.
    pub(crate) fair_share: FairShare,
    pub(crate) progress: Progress,
    pub(crate) database_url: String,
    pub(crate) sandbox: Sandbox,
}

/// Steps until `wanted` applications or letters are settled.
pub(crate) async fn settle(lane: &mut Lane, wanted: usize) -> Done {
    let mut all = Done::default();
    while all.registered + all.existing + all.withdrawals + all.dead_lettered < wanted {
        let Step::Done(done) = lane.step().await else {
            panic!("the lane stopped")
        };
        all.registered += done.registered;
        all.existing += done.existing;
        all.withdrawals += done.withdrawals;
        all.dead_lettered += done.dead_lettered;
    }
    all
}

/// An office with the shared database server.
pub(crate) async fn open() -> Office {
    let sandbox = Sandbox::both().await;
    let database_url = sandbox.database_url().to_owned();
    open_with(sandbox, database_url).await
}

/// A new folder with the shipped benefits, open today.
pub(crate) fn benefits() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    catalogue::reopened(&catalogue::shipped(), folder.path()).unwrap();
    folder
}

/// An office with a database of the caller's.
pub(crate) async fn open_with(sandbox: Sandbox, database_url: String) -> Office {
    let benefits = benefits();
    let options = StoreOptions {
        acquire_timeout: Duration::from_secs(2),
        ..StoreOptions::default()
    };
    let store = Store::connect(&database_url, &options).unwrap();
    store.migrate().await.unwrap();
    let worker_store = Store::connect(&Account::Worker.address(&database_url), &options).unwrap();
    let uri: BrokerUri = sandbox.amqp_url().parse().unwrap();
    let config = PublisherConfig {
        deadline: SOON,
        ..PublisherConfig::new(uri.clone(), "test")
    };
    let publisher = Publisher::start(config);
    eventually(SOON, async || publisher.status() == Status::Connected).await;
    Office {
        uri,
        store,
        worker_store,
        catalogue: LiveCatalogue::start(benefits.path().to_owned()).unwrap(),
        benefits,
        publisher,
        stop: CancellationToken::new(),
        fair_share: FairShare::new(NonZeroUsize::MIN.saturating_add(1), "4:1".parse().unwrap()),
        progress: Progress::default(),
        database_url,
        sandbox,
    }
}

impl Office {
    pub(crate) fn lane(&self, channel: Channel) -> Lane {
        self.lane_with(channel, 200)
    }

    /// Starts a lane with at most `prefetch` messages in hand.
    pub(crate) fn lane_with(&self, channel: Channel, prefetch: u16) -> Lane {
        self.lane_that_waits(channel, prefetch, None)
    }

    /// With something that it gives way to.
    pub(crate) fn lane_that_waits(
        &self,
        channel: Channel,
        prefetch: u16,
        overload: Option<Overload>,
    ) -> Lane {
        self.start(LaneConfig {
            prefetch,
            overload,
            ..self.lane_config(channel)
        })
    }

    /// Of an older worker, which reads envelopes up to this version.
    pub(crate) fn lane_of_version(&self, channel: Channel, newest: u64) -> Lane {
        self.start(LaneConfig {
            newest,
            ..self.lane_config(channel)
        })
    }

    fn lane_config(&self, channel: Channel) -> LaneConfig {
        LaneConfig {
            uri: self.worker_uri(),
            channel,
            prefetch: 200,
            batch: 500,
            fair_share: self.fair_share.clone(),
            progress: self.progress.clone(),
            overload: None,
            newest: NEWEST_VERSION,
        }
    }

    fn start(&self, config: LaneConfig) -> Lane {
        let dead_letters = Arc::new(DeadLetters::new(self.worker_uri(), "test"));
        let (store, catalogue) = (self.worker_store.clone(), self.catalogue.clone());
        Lane::start(config, store, catalogue, dead_letters, self.stop.clone())
    }

    /// The broker, for a worker.
    pub(crate) fn worker_uri(&self) -> BrokerUri {
        let uri: BrokerUri = self.sandbox.amqp_url_of(Account::Worker).parse().unwrap();
        uri.with_topology(Topology::Expect).with_shards(self.uri.shards())
    }

    /// The same office, with so many queues of each channel.
    pub(crate) async fn with_shards(self, count: &str) -> Self {
        let uri = self.uri.clone().with_shards(count.parse().unwrap());
        let config = PublisherConfig {
            deadline: SOON,
            ..PublisherConfig::new(uri.clone(), "test")
        };
        let publisher = Publisher::start(config);
        eventually(SOON, async || publisher.reaches_all()).await;
        Self {
            uri,
            publisher,
            ..self
        }
    }

    /// All at once, so that they share messages.
    pub(crate) async fn publish(&self, sent: impl IntoIterator<Item = Sent>) {
        let mut publishing = tokio::task::JoinSet::new();
        for sent in sent {
            let publisher = self.publisher.clone();
            publishing.spawn(async move { publisher.publish(sent.submission()).await });
        }
        for published in publishing.join_all().await {
            published.unwrap();
        }
    }

    /// Publishes a withdrawal of an application.
    pub(crate) async fn withdraw(&self, sent: &Sent, by: Submitter) {
        let withdrawal = Withdrawal {
            application_id: sent.id(),
            by,
            requested_at: instant("2020-04-02T06:00:00.5Z"),
        };
        let submission = Submission::withdrawal(&withdrawal, None).unwrap();
        self.publisher.publish(submission).await.unwrap();
    }

    /// Publishes applications of one channel as one message.
    pub(crate) async fn publish_together(&self, sent: &[Sent]) {
        let submissions: Vec<_> = sent.iter().map(Sent::submission).collect();
        self.publish_bytes(sent[0].channel, &encode(submissions.iter()))
            .await;
    }

    /// Publishes any bytes as a message.
    pub(crate) async fn publish_bytes(&self, channel: Channel, body: &[u8]) {
        self.publish_as("applications", channel.as_str(), body).await;
    }

    /// Publishes any bytes to a fanout exchange.
    pub(crate) async fn publish_bytes_to(&self, exchange: &str, body: &[u8]) {
        self.publish_as(exchange, "", body).await;
    }

    async fn publish_as(&self, exchange: &str, key: &str, body: &[u8]) {
        let (connection, amqp) = self.operator().await;
        let options = BasicPublishOptions::default();
        amqp.basic_publish(
            exchange.into(),
            key.into(),
            options,
            body,
            BasicProperties::default(),
        )
        .await
        .unwrap()
        .await
        .unwrap();
        connection.close(200, "done".into()).await.unwrap();
    }

    /// Takes all dead letters away: body and reason of each.
    pub(crate) async fn dead_letters(&self) -> Vec<(Vec<u8>, String)> {
        let (connection, amqp) = self.operator().await;
        let mut letters = Vec::new();
        let options = BasicGetOptions { no_ack: true };
        while let Some(message) = amqp
            .basic_get("applications.dead-letter".into(), options)
            .await
            .unwrap()
        {
            let message = message.delivery;
            let headers = message.properties.headers().clone().unwrap_or_default();
            let reason = headers
                .inner()
                .get("reason")
                .and_then(|reason| reason.as_long_string());
            letters.push((message.data, reason.map(ToString::to_string).unwrap_or_default()));
        }
        connection.close(200, "done".into()).await.unwrap();
        letters
    }

    pub(crate) async fn operator(&self) -> (Connection, lapin::Channel) {
        let url = self.sandbox.amqp_url();
        let connection = Connection::connect(url, ConnectionProperties::default())
            .await
            .unwrap();
        let channel = connection.create_channel().await.unwrap();
        (connection, channel)
    }

    /// Writes a benefit's file, after changes to its text.
    pub(crate) fn write_benefit(&self, file: &Path, change: impl FnOnce(String) -> String) {
        let text = change(std::fs::read_to_string(file).unwrap());
        std::fs::write(self.benefits.path().join(file.file_name().unwrap()), text).unwrap();
    }

    pub(crate) async fn registered(&self, sent: &Sent) -> Option<RegisteredApplication> {
        self.store
            .find(sent.id(), &sent.submitter())
            .await
            .unwrap()
            .held()
    }

    /// Applications on the register.
    pub(crate) async fn count(&self) -> u64 {
        self.store
            .counts()
            .await
            .unwrap()
            .iter()
            .map(|count| count.applications)
            .sum()
    }

    /// Asserts that a queue whose lanes are closed is empty: the message published last comes
    /// first.
    pub(crate) async fn assert_drained(&self, channel: Channel) {
        let last = Sent {
            channel,
            ..citizen(999_999)
        };
        let wanted = last.id();
        self.publish([last]).await;
        let name = "test".into();
        let mut consumer = Consumer::start(ConsumerConfig {
            uri: self.uri.clone(),
            channel,
            prefetch: 8,
            name,
        });
        let mut seen = BTreeSet::new();
        while !seen.contains(&wanted) {
            for delivery in consumer.take(1).await.unwrap() {
                let decoded = sportello_queue::decode(delivery.body()).unwrap();
                seen.extend(decoded.received.iter().map(|received| received.application.id));
                delivery.ack().await.unwrap();
            }
        }
        assert_eq!(seen.len(), 1, "applications were left in the queue");
        consumer.close().await;
    }

    /// Makes announcements a day older.
    pub(crate) async fn let_a_day_pass(&self) {
        let a_day = "update purge_announcements set announced_at = announced_at - interval '1 day'";
        sqlx::query(a_day)
            .execute(&mut self.connection().await)
            .await
            .unwrap();
    }

    /// A connection to the database of the test's own.
    pub(crate) async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.database_url).await.unwrap()
    }

    /// Waits until a transaction waits for a lock in the database.
    pub(crate) async fn somebody_waits(&self, connection: &mut PgConnection) {
        let waiting = "select exists (select from pg_stat_activity
                       where wait_event_type = 'Lock' and datname = current_database())";
        eventually(SOON, async || {
            sqlx::query_scalar::<_, bool>(waiting)
                .fetch_one(&mut *connection)
                .await
                .unwrap()
        })
        .await;
    }
}

pub(crate) const LOCK: &str = "begin; lock table applications in access exclusive mode";
