//! Takes messages from a channel's queues.

mod acks;
mod delivery;
mod owner;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sportello_domain::Channel;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::broker::BrokerUri;
use crate::metrics::ConsumerMetrics;
use crate::shards::{ShardQueue, Shards};
use owner::Owner;

pub use acks::AckError;
pub use delivery::{Delivery, ack_all};

/// Configuration of a consumer.
#[derive(Debug, Clone)]
pub struct ConsumerConfig {
    /// The broker.
    pub uri: BrokerUri,
    /// The channel whose queues are consumed.
    pub channel: Channel,
    /// Messages that the broker hands out before any is acknowledged; 100 to 300 measured well. One
    /// crash counts as a delivery of all of them. The channel's queues share it equally.
    pub prefetch: u16,
    /// The connection's name at the broker.
    pub name: String,
}

/// Shows whether a consumer is attached to its queues now; it may outlive the consumer.
#[derive(Debug, Clone)]
pub struct Attachment(Arc<[AtomicBool]>);

impl Attachment {
    /// Is attached to none of so many queues.
    fn to_none_of(queues: usize) -> Self {
        Self((0..queues).map(|_| AtomicBool::new(false)).collect())
    }

    /// Returns whether the broker sends messages to the consumer, from one queue at least.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        self.0.iter().any(|queue| queue.load(Ordering::Acquire))
    }

    /// Returns whether it sends messages from all queues.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.iter().all(|queue| queue.load(Ordering::Acquire))
    }

    fn set(&self, queue: ShardQueue, attached: bool) {
        self.0[queue.index()].store(attached, Ordering::Release);
    }
}

/// Consumes one channel's queues, over a connection for each: the loss of one stops no other. It
/// rebuilds a connection by itself whenever that ends.
pub struct Consumer {
    deliveries: mpsc::UnboundedReceiver<Delivery>,
    most_messages: usize,
    attachment: Attachment,
    cancelling: CancellationToken,
    /// Closes the connections when dropped.
    closing: DropGuard,
    owners: TaskTracker,
}

impl Consumer {
    /// Starts consuming on the current runtime, which must have several threads. Returns at once.
    #[must_use]
    pub fn start(config: ConsumerConfig) -> Self {
        // bounded by the prefetch
        let (sender, deliveries) = mpsc::unbounded_channel();
        let (cancelling, closing, owners) = (
            CancellationToken::new(),
            CancellationToken::new(),
            TaskTracker::new(),
        );
        // Acknowledging half of the prefetch at once empties the pipe from the broker.
        let most_messages = usize::from(config.prefetch / 4).max(1);
        let shards = config.uri.shards();
        let attachment = Attachment::to_none_of(shards.count());
        let config = ConsumerConfig {
            prefetch: share(config.prefetch, shards),
            ..config
        };
        for queue in shards.queues(config.channel) {
            let task = Owner {
                metrics: ConsumerMetrics::new(config.channel),
                config: config.clone(),
                queue,
                attachment: attachment.clone(),
                cancelling: cancelling.clone(),
                closing: closing.clone(),
            };
            owners.spawn(task.run(sender.clone()));
        }
        owners.close();
        Self {
            deliveries,
            most_messages,
            attachment,
            cancelling,
            closing: closing.drop_guard(),
            owners,
        }
    }

    /// Returns a handle that shows whether the consumer is attached to its queues.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        self.attachment.clone()
    }

    /// Waits for at least one message, then takes the messages that are there until it holds
    /// `max_applications` or a quarter of the prefetch; never waits for more. The last message is
    /// taken whole, so there may be some applications more. `None` once deliveries are
    /// [cancelled](Self::cancel) and all are handed out.
    ///
    /// Cancel-safe: a message is either returned or stays for the next call.
    pub async fn take(&mut self, max_applications: usize) -> Option<Vec<Delivery>> {
        loop {
            let mut next = Some(self.deliveries.recv().await?);
            let (mut taken, mut applications) = (Vec::new(), 0);
            while let Some(delivery) = next {
                if delivery.is_current() {
                    applications += delivery.applications();
                    taken.push(delivery);
                }
                if applications >= max_applications || taken.len() >= self.most_messages {
                    break;
                }
                next = self.deliveries.try_recv().ok();
            }
            if !taken.is_empty() {
                return Some(taken);
            }
        }
    }

    /// Returns whether [`Consumer::take`] would have taken further messages, had there been any.
    #[must_use]
    pub fn had_capacity(&self, taken: &[Delivery], max_applications: usize) -> bool {
        let applications: usize = taken.iter().map(Delivery::applications).sum();
        taken.len() < self.most_messages && applications < max_applications
    }

    /// Stops deliveries. Taken messages can still be acknowledged, and [`Consumer::take`] hands out
    /// those delivered before. The broker delivers again what is unacknowledged at
    /// [`Consumer::close`].
    pub fn cancel(&self) {
        self.cancelling.cancel();
    }

    /// Closes the connections, within seconds. The broker delivers unacknowledged messages again.
    pub async fn close(self) {
        drop(self.closing);
        self.owners.wait().await;
    }
}

/// Returns a queue's share of the prefetch.
fn share(prefetch: u16, shards: Shards) -> u16 {
    let queues = u16::try_from(shards.count()).unwrap_or(u16::MAX);
    (prefetch / queues).max(1)
}
