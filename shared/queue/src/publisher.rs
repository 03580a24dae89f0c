//! Publishing, confirmed.
//!
//! Each channel has one owner task with a connection of its own: confirms of a channel that several tasks
//! share get mixed up. While a few messages are in flight, arrivals gather and go together as the next one.
//!
//! Whoever publishes may vanish at any time; the work goes on in the owner.

mod desk;
mod inbox;
mod owner;
mod room;
mod session;
mod status;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sportello_domain::Channel;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::broker::BrokerUri;
use crate::envelope::Submission;
use crate::metrics::{PublishResult, PublisherMetrics};
use desk::Waiting;
use inbox::{Arrivals, Inbox, Job};
use owner::Owner;
use room::Room;
use status::StatusCell;

pub use desk::open_desk;
pub use status::Status;

/// How to publish. [`PublisherConfig::new`] has the measured defaults.
#[derive(Debug, Clone)]
pub struct PublisherConfig {
    /// The broker.
    pub uri: BrokerUri,
    /// What the broker's operators see as the connection's name.
    pub name: String,
    /// From the arrival of an application to the answer.
    pub deadline: Duration,
    /// Applications that wait or are in flight, a channel.
    pub room_applications: usize,
    /// Bytes of them, a channel.
    pub room_bytes: usize,
    /// Messages in flight, a channel. With few, the next ones hold more applications each.
    pub messages_in_flight: usize,
    /// From a message that several applications share to the next one, a channel: each is synced to the broker's disk, and
    /// who arrives meanwhile shares the next. There is none after who travelled alone or a message that was full, and as many as
    /// are enough wait for none.
    pub pause: Duration,
    /// Applications that go at once, pause or not: with more of them in a message each would cost the broker little less.
    pub enough_applications: usize,
    /// Applications of one message at most.
    pub message_applications: usize,
    /// Bytes of one message at most, if it holds more than one application.
    pub message_bytes: usize,
}

impl PublisherConfig {
    /// Defaults: 800 ms, room for 8,192 applications and 64 MiB a channel, 2 messages in flight of up to 64
    /// applications and 256 KiB, a pause of 2 ms unless 40 applications wait.
    #[must_use]
    pub fn new(uri: BrokerUri, name: impl Into<String>) -> Self {
        Self {
            uri,
            name: name.into(),
            deadline: Duration::from_millis(800),
            room_applications: 8_192,
            room_bytes: 64 << 20,
            messages_in_flight: 2,
            pause: Duration::from_millis(2),
            enough_applications: 40,
            message_applications: 64,
            message_bytes: 256 << 10,
        }
    }
}

/// Why an application isn't known to be in the queue. It may be sent again in every case: the same id makes
/// it one application, should the first have got through after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Too many applications wait for their confirm.
    #[error("there is no room for more applications in flight")]
    NoRoom,
    /// No confirm within the deadline.
    #[error("the broker didn't confirm in time")]
    Timeout,
    /// There is no connection to the broker, it ended before the confirm came, or the publisher is closing.
    #[error("the broker can't be reached")]
    Unavailable,
    /// The broker takes no messages, for lack of memory or disk.
    #[error("the broker takes no messages for lack of memory or disk")]
    Blocked,
    /// The broker refused the message; the queue is full.
    #[error("the broker refused the message; its queue is full")]
    Refused,
}

/// The drain ended before everything in flight was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{in_flight} applications were still without a confirm when the time to drain was over")]
pub struct DrainError {
    /// Applications without a confirm; their senders were told so.
    pub in_flight: usize,
}

/// Publishes applications. Cheap to clone.
#[derive(Clone)]
pub struct Publisher(Arc<Shared>);

struct Shared {
    citizen: Lane,
    intermediary: Lane,
    deadline: Duration,
    closing: CancellationToken,
    owners: TaskTracker,
    metrics: Arc<PublisherMetrics>,
}

/// What callers need of one owner.
struct Lane {
    arrivals: Arrivals,
    room: Room,
    status: Arc<StatusCell>,
}

impl Publisher {
    /// Starts the owners on the current runtime, which must have several threads and outlive the HTTP server.
    /// Returns at once; [`Publisher::status`] tells when they are connected.
    #[must_use]
    pub fn start(config: PublisherConfig) -> Self {
        let closing = CancellationToken::new();
        let owners = TaskTracker::new();
        let metrics = Arc::new(PublisherMetrics::new());
        let deadline = config.deadline;
        let config = Arc::new(config);
        let lane = |channel| {
            let (arrivals, inbox) = Inbox::new(config.enough_applications);
            let status = Arc::new(StatusCell::default());
            let room = Room::new(config.room_applications, config.room_bytes);
            metrics.observe_in_flight(channel, room.observer());
            let (config, status_there) = (Arc::clone(&config), Arc::clone(&status));
            let (metrics, closing) = (Arc::clone(&metrics), closing.clone());
            owners.spawn(
                Owner {
                    channel,
                    config,
                    inbox,
                    status: status_there,
                    metrics,
                    closing,
                }
                .run(),
            );
            Lane {
                arrivals,
                room,
                status,
            }
        };
        let (citizen, intermediary) = (lane(Channel::Citizen), lane(Channel::Intermediary));
        owners.close();
        Self(Arc::new(Shared {
            citizen,
            intermediary,
            deadline,
            closing,
            owners,
            metrics,
        }))
    }

    /// Puts an application into its channel's queue. `Ok` follows the broker's confirm: it is durable then.
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
        let lane = self.lane(submission.channel());
        match lane.status.get() {
            Status::Connected => {}
            Status::Blocked => return Err(PublishError::Blocked),
            Status::Disconnected => return Err(PublishError::Unavailable),
        }
        let place = lane.room.take(submission.len()).ok_or(PublishError::NoRoom)?;
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

    /// The worse of the two channels' states.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.citizen.status.get().max(self.0.intermediary.status.get())
    }

    /// Stops taking applications, waits until what is in flight is confirmed, then closes channels and
    /// connections.
    ///
    /// # Errors
    /// [`DrainError`] where that takes longer than `deadline`.
    pub async fn drain(&self, deadline: Duration) -> Result<(), DrainError> {
        self.0.closing.cancel();
        tokio::time::timeout(deadline, self.0.owners.wait())
            .await
            .map_err(|_| DrainError {
                in_flight: self.0.citizen.room.taken() + self.0.intermediary.room.taken(),
            })
    }

    fn lane(&self, channel: Channel) -> &Lane {
        match channel {
            Channel::Citizen => &self.0.citizen,
            Channel::Intermediary => &self.0.intermediary,
        }
    }
}
