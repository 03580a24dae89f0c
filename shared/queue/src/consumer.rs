//! Takes messages from a channel's queue.

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
use owner::Owner;

pub use acks::AckError;
pub use delivery::{Delivery, ack_all};

/// Configuration of a consumer.
#[derive(Debug, Clone)]
pub struct ConsumerConfig {
    /// The broker.
    pub uri: BrokerUri,
    /// The channel whose queue is consumed.
    pub channel: Channel,
    /// Messages that the broker hands out before any is acknowledged; 100 to 300 measured well. One
    /// crash counts as a delivery of all of them.
    pub prefetch: u16,
    /// The connection's name at the broker.
    pub name: String,
}

/// Shows whether a consumer is attached to its queue now; it may outlive the consumer.
#[derive(Debug, Clone, Default)]
pub struct Attachment(Arc<AtomicBool>);

impl Attachment {
    /// Returns whether the broker sends messages to the consumer.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self, attached: bool) {
        self.0.store(attached, Ordering::Release);
    }
}

/// Consumes one channel's queue; it rebuilds its connection by itself whenever that ends.
pub struct Consumer {
    deliveries: mpsc::UnboundedReceiver<Delivery>,
    most_messages: usize,
    attachment: Attachment,
    cancelling: CancellationToken,
    /// Closes the connection when dropped.
    closing: DropGuard,
    owner: TaskTracker,
}

impl Consumer {
    /// Starts consuming on the current runtime, which must have several threads. Returns at once.
    #[must_use]
    pub fn start(config: ConsumerConfig) -> Self {
        // bounded by the prefetch
        let (sender, deliveries) = mpsc::unbounded_channel();
        let (cancelling, closing, owner) = (
            CancellationToken::new(),
            CancellationToken::new(),
            TaskTracker::new(),
        );
        // Acknowledging half of the prefetch at once empties the pipe from the broker.
        let most_messages = usize::from(config.prefetch / 4).max(1);
        let metrics = ConsumerMetrics::new(config.channel);
        let attachment = Attachment::default();
        let task = Owner {
            config,
            metrics,
            attachment: attachment.clone(),
            cancelling: cancelling.clone(),
            closing: closing.clone(),
        };
        owner.spawn(task.run(sender));
        owner.close();
        Self {
            deliveries,
            most_messages,
            attachment,
            cancelling,
            closing: closing.drop_guard(),
            owner,
        }
    }

    /// Returns a handle that shows whether the consumer is attached to its queue.
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
    pub fn had_room(&self, taken: &[Delivery], max_applications: usize) -> bool {
        let applications: usize = taken.iter().map(Delivery::applications).sum();
        taken.len() < self.most_messages && applications < max_applications
    }

    /// Stops deliveries. Taken messages can still be acknowledged, and [`Consumer::take`] hands out
    /// those delivered before. The broker delivers again what is unacknowledged at
    /// [`Consumer::close`].
    pub fn cancel(&self) {
        self.cancelling.cancel();
    }

    /// Closes the connection, within seconds. The broker delivers unacknowledged messages again.
    pub async fn close(self) {
        drop(self.closing);
        self.owner.wait().await;
    }
}
