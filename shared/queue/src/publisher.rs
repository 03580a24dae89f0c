//! Publishes applications, with confirms.
//!
//! Each queue has one owner task with its own connection: confirms get mixed up where several tasks
//! share an AMQP channel. While a few messages are in flight, arrivals gather and go together in
//! the next message. Where a channel has several queues (shards), arrivals are parted before that:
//! a message is for one queue.
//!
//! A caller may vanish at any time; the owner finishes the work.
//!
//! Where the broker has several nodes, the owner goes to another one when a connection ends, and
//! sends what had no confirm again: the same id makes it one application, should the first have
//! arrived after all. Arrivals wait meanwhile, within their deadline.

mod book;
mod capacity;
mod inbox;
mod ledger;
mod owner;
mod session;
mod status;
mod tail;
mod thread_replies;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sportello_domain::{Channel, PerChannel, ProcessId, Shard};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::broker::BrokerUri;
use crate::envelope::Submission;
use crate::metrics::{PublishResult, PublisherMetrics};
use crate::shards::{ShardQueue, Shards};
use capacity::Capacity;
use inbox::{Arrivals, Inbox, Job};
use ledger::{Ledger, Share};
use owner::Owner;
use status::StatusCell;
use thread_replies::Waiting;

pub use ledger::Edge;
pub use status::Status;
pub use thread_replies::open_thread_replies;

/// Configuration of a publisher. [`PublisherConfig::new`] has the measured defaults.
#[derive(Debug, Clone)]
pub struct PublisherConfig {
    /// The broker.
    pub uri: BrokerUri,
    /// The connection's name at the broker.
    pub name: String,
    /// Limit from the arrival of an application to the answer.
    pub deadline: Duration,
    /// Most applications that wait or are in flight, for each channel. Its queues share it equally.
    pub capacity_applications: usize,
    /// Most bytes of them, for each channel.
    pub capacity_bytes: usize,
    /// Most messages in flight, for each queue. With few, the next ones hold more applications.
    pub messages_in_flight: usize,
    /// Pause after a message that several applications share, for each queue: the broker syncs
    /// each message to disk, and arrivals meanwhile share the next one. No pause after a single or
    /// a full message, nor once `enough_applications` wait.
    pub pause: Duration,
    /// Applications that go at once, without a pause: more of them in a message would cost the
    /// broker little less each.
    pub enough_applications: usize,
    /// Most applications of one message.
    pub message_applications: usize,
    /// Most bytes of one message, if it holds more than one application.
    pub message_bytes: usize,
    /// A folder for a small file of each queue, from which the next start closes the ledger of a
    /// process that was killed. Only one process uses it at a time.
    pub ledger_folder: Option<PathBuf>,
    /// What the process counts beside its messages, for its statements to the ledger.
    pub edge: Edge,
}

impl PublisherConfig {
    /// Sets the defaults: 800 ms, 8,192 applications and 64 MiB for each channel, 2 messages in
    /// flight for each queue of up to 64 applications and 256 KiB, a pause of 2 ms unless 40
    /// applications wait.
    #[must_use]
    pub fn new(uri: BrokerUri, name: impl Into<String>) -> Self {
        Self {
            uri,
            name: name.into(),
            deadline: Duration::from_millis(800),
            capacity_applications: 8_192,
            capacity_bytes: 64 << 20,
            messages_in_flight: 2,
            pause: Duration::from_millis(2),
            enough_applications: 40,
            message_applications: 64,
            message_bytes: 256 << 10,
            ledger_folder: None,
            edge: Edge::default(),
        }
    }
}

/// Why an application is not known to be in the queue. It may be sent again in every case: the same
/// id makes it one application, should the first have arrived after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Too many applications wait for their confirm.
    #[error("there is no capacity for more applications in flight")]
    NoCapacity,
    /// No confirm within the deadline.
    #[error("the broker didn't confirm in time")]
    Timeout,
    /// There is no connection to the broker, it ended before the confirm came, or the publisher is
    /// closing.
    #[error("the broker can't be reached")]
    Unavailable,
    /// The broker accepts no messages, for lack of memory or disk.
    #[error("the broker takes no messages for lack of memory or disk")]
    Blocked,
    /// The broker refused the message; the queue is full.
    #[error("the broker refused the message; its queue is full")]
    Refused,
}

impl From<Result<(), PublishError>> for PublishResult {
    fn from(result: Result<(), PublishError>) -> Self {
        match result {
            Ok(()) => Self::Confirmed,
            Err(PublishError::Refused) => Self::Refused,
            Err(PublishError::Blocked) => Self::Blocked,
            Err(PublishError::Unavailable) => Self::Unavailable,
            Err(PublishError::NoCapacity) => Self::NoCapacity,
            Err(PublishError::Timeout) => Self::Expired,
        }
    }
}

/// The drain ended before everything in flight was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{in_flight} applications were still without a confirm when the time to drain was over")]
pub struct DrainError {
    /// Applications without a confirm; their senders got an error.
    pub in_flight: usize,
}

/// Publishes applications. Cheap to clone.
#[derive(Clone)]
pub struct Publisher(Arc<Shared>);

struct Shared {
    shards: Shards,
    /// Those of each channel's queues, in the order of their numbers.
    lanes: PerChannel<Vec<Lane>>,
    deadline: Duration,
    closing: CancellationToken,
    owners: TaskTracker,
    metrics: Arc<PublisherMetrics>,
}

/// The callers' handles on one owner.
struct Lane {
    arrivals: Arrivals,
    capacity: Capacity,
    status: Arc<StatusCell>,
}

impl Publisher {
    /// Starts the owners on the current runtime, which must have several threads and outlive the
    /// HTTP server. Returns at once; [`Publisher::status`] shows when they are connected.
    #[must_use]
    pub fn start(config: PublisherConfig) -> Self {
        let closing = CancellationToken::new();
        let owners = TaskTracker::new();
        let metrics = Arc::new(PublisherMetrics::new());
        let deadline = config.deadline;
        let config = Arc::new(config);
        let shards = config.uri.shards();
        // each queue's messages have numbers of their own, as those of a process
        let processes: Vec<_> = (0..shards.count()).map(|_| ProcessId::random()).collect();
        let (applications, bytes) = (
            (config.capacity_applications / shards.count()).max(1),
            config.capacity_bytes / shards.count(),
        );
        let lane = |queue: ShardQueue, share| {
            let (arrivals, inbox) = Inbox::new(config.enough_applications);
            let status = Arc::new(StatusCell::default());
            let capacity = Capacity::new(applications, bytes);
            let (config, status_there) = (Arc::clone(&config), Arc::clone(&status));
            let (metrics, closing) = (Arc::clone(&metrics), closing.clone());
            let (process, folder) = (processes[queue.index()], config.ledger_folder.as_deref());
            let ledger = Ledger::open(process, queue.channel(), folder, share, Arc::clone(&metrics));
            owners.spawn(
                Owner {
                    queue,
                    config,
                    inbox,
                    status: status_there,
                    metrics,
                    closing,
                    ledger,
                    failing_over: None,
                }
                .run(),
            );
            Lane {
                arrivals,
                capacity,
                status,
            }
        };
        let lanes = PerChannel::from_fn(|channel| {
            let queues = shards.queues(channel).zip(Share::of_channel(config.edge.clone()));
            let lanes: Vec<Lane> = queues.map(|(queue, share)| lane(queue, share)).collect();
            let in_flight: Vec<_> = lanes.iter().map(|lane| lane.capacity.observer()).collect();
            metrics.observe_in_flight(channel, move || in_flight.iter().map(|of_queue| of_queue()).sum());
            lanes
        });
        owners.close();
        Self(Arc::new(Shared {
            shards,
            lanes,
            deadline,
            closing,
            owners,
            metrics,
        }))
    }

    /// Publishes an application to its channel's queue. `Ok` follows the broker's confirm: the
    /// application is durable then.
    ///
    /// # Errors
    /// [`PublishError`]: not accepted, or not known to be.
    pub async fn publish(&self, submission: Submission) -> Result<(), PublishError> {
        let channel = submission.channel();
        let answer = self.enqueue(submission).inspect_err(|&error| {
            self.0.metrics.ended(channel, PublishResult::from(Err(error)), 1);
        })?;
        match tokio::time::timeout(self.0.deadline, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(PublishError::Unavailable),
            Err(_) => {
                self.0.metrics.timed_out(channel);
                Err(PublishError::Timeout)
            }
        }
    }

    fn enqueue(
        &self,
        submission: Submission,
    ) -> Result<oneshot::Receiver<Result<(), PublishError>>, PublishError> {
        let lane = self.lane(submission.channel(), submission.shard());
        match lane.status.get() {
            Status::Connected => {}
            Status::Blocked => return Err(PublishError::Blocked),
            Status::Disconnected => return Err(PublishError::Unavailable),
        }
        let place = lane
            .capacity
            .take(submission.len())
            .ok_or(PublishError::NoCapacity)?;
        let (waiting, answer) = Waiting::here();
        let job = Job {
            submission,
            place,
            waiting,
            expires: Instant::now() + self.0.deadline,
        };
        if lane.arrivals.push(job) {
            Ok(answer)
        } else {
            Err(PublishError::Unavailable)
        }
    }

    /// Returns the worse of the two channels' states. Of a channel with several queues it is the
    /// best queue's, once each was reached: then [`Publisher::reaches_all`] shows whether one is
    /// lost.
    #[must_use]
    pub fn status(&self) -> Status {
        let lanes = self.0.lanes.iter();
        let statuses = lanes.map(|(_, queues)| status::of_all(queues.iter().map(|lane| &*lane.status)));
        statuses.max().unwrap_or(Status::Disconnected)
    }

    /// Returns whether every queue can be published to now.
    #[must_use]
    pub fn reaches_all(&self) -> bool {
        let mut lanes = self.lanes();
        lanes.all(|lane| lane.status.get() == Status::Connected)
    }

    /// Accepts no more applications, waits until those in flight are confirmed, then closes AMQP
    /// channels and connections.
    ///
    /// # Errors
    /// [`DrainError`] where that takes longer than `deadline`.
    pub async fn drain(&self, deadline: Duration) -> Result<(), DrainError> {
        self.0.closing.cancel();
        tokio::time::timeout(deadline, self.0.owners.wait())
            .await
            .map_err(|_| DrainError {
                in_flight: self.lanes().map(|lane| lane.capacity.taken()).sum(),
            })
    }

    fn lane(&self, channel: Channel, shard: Shard) -> &Lane {
        &self.0.lanes[channel][self.0.shards.index_of(shard)]
    }

    fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.0.lanes.iter().flat_map(|(_, queues)| queues)
    }
}
