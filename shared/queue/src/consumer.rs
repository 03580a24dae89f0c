//! Taking messages.

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

/// What to consume.
#[derive(Debug, Clone)]
pub struct ConsumerConfig {
    /// The broker.
    pub uri: BrokerUri,
    /// The channel whose queue is consumed.
    pub channel: Channel,
    /// Messages that the broker hands out before any is acknowledged; 100 to 300 measured well. One crash
    /// counts as a delivery of all of them.
    pub prefetch: u16,
    /// What the broker's operators see as the connection's name.
    pub name: String,
}

/// Whether a consumer is attached to its queue now, readable for as long as anybody likes.
#[derive(Debug, Clone, Default)]
pub struct Attachment(Arc<AtomicBool>);

impl Attachment {
    /// Whether the broker sends its messages to the consumer.
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
    /// Closes the connection when it goes.
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

    /// Whether it is attached to its queue, now and later on.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        self.attachment.clone()
    }

    /// Waits for at least one message, then takes what is already there until it holds `max_applications` or
    /// a quarter of the prefetch; never waits for more. The last message is taken whole, so that there may be
    /// some applications more. `None` once deliveries are [cancelled](Self::cancel) and all are handed out.
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

    /// Whether [`Consumer::take`] would have taken more with these, had it been there.
    #[must_use]
    pub fn had_room(&self, taken: &[Delivery], max_applications: usize) -> bool {
        let applications: usize = taken.iter().map(Delivery::applications).sum();
        taken.len() < self.most_messages && applications < max_applications
    }

    /// Stops deliveries; what was taken can still be acknowledged, and [`Consumer::take`] hands out what had
    /// been delivered before. What isn't acknowledged by the time of [`Consumer::close`] is delivered again.
    pub fn cancel(&self) {
        self.cancelling.cancel();
    }

    /// Closes the connection, in seconds at most. The broker delivers again what isn't acknowledged by now.
    pub async fn close(self) {
        drop(self.closing);
        self.owner.wait().await;
    }
}
