//! The task that owns a consumer's connection.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::acks::Acks;
use super::{Attachment, ConsumerConfig, Delivery};
use crate::broker::{ConnectError, Link, MAX_DELAY, delays, in_time};
use crate::metrics::ConsumerMetrics;
use crate::shards::ShardQueue;

/// Interval between two looks at a silent connection: a stream of deliveries does not always end
/// with its connection.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Pause before closing. A quorum queue processes acknowledgements with low priority, so the end of
/// an AMQP channel overtakes them. Without the pause some of the messages just acknowledged come
/// again (2 of 100 times, measured).
const SETTLE: Duration = Duration::from_millis(100);

pub(super) struct Owner {
    pub(super) config: ConsumerConfig,
    pub(super) queue: ShardQueue,
    pub(super) metrics: ConsumerMetrics,
    pub(super) attachment: Attachment,
    pub(super) cancelling: CancellationToken,
    pub(super) closing: CancellationToken,
}

struct Session {
    link: Link,
    stream: lapin::Consumer,
    acks: Arc<Acks>,
}

/// Why deliveries have ended.
enum End {
    Cancelled,
    Closing,
    Broken,
}

impl Owner {
    pub(super) async fn run(self, deliveries: UnboundedSender<Delivery>) {
        let mut delays = delays();
        loop {
            match self.unless_over(self.open()).await {
                None => return,
                Some(Ok(session)) => {
                    delays = crate::broker::delays();
                    self.attachment.set(self.queue, true);
                    let end = session
                        .deliver(&deliveries, &self.cancelling, &self.closing)
                        .await;
                    self.attachment.set(self.queue, false);
                    match end {
                        End::Closing => return session.settle_and_close().await,
                        End::Cancelled => {
                            drop(deliveries);
                            return self.await_close(session).await;
                        }
                        End::Broken => session.close_elsewhere(),
                    }
                    tracing::warn!(channel = self.queue.key(), "the consumer's connection ended");
                }
                Some(Err(error)) => {
                    let channel = self.queue.key();
                    tracing::warn!(channel, uri = %self.config.uri, %error, "no connection");
                }
            }
            self.metrics.reconnects();
            let delay = delays.next().unwrap_or(MAX_DELAY);
            if self.unless_over(tokio::time::sleep(delay)).await.is_none() {
                return;
            }
        }
    }

    /// Does `work` unless deliveries are no longer wanted: then there is nothing to connect for.
    async fn unless_over<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            () = self.cancelling.cancelled() => None,
            () = self.closing.cancelled() => None,
            done = work => Some(done),
        }
    }

    async fn open(&self) -> Result<Session, ConnectError> {
        let name = format!("{} ({})", self.config.name, self.queue.key());
        let link = Link::open(&self.config.uri, &name).await?;
        link.ensure_queue(&self.config.uri, self.queue).await?;
        let stream = in_time(async {
            let channel = &link.channel;
            channel
                .basic_qos(self.config.prefetch, BasicQosOptions::default())
                .await?;
            let queue = self.queue.name().into();
            let options = BasicConsumeOptions::default();
            Ok(channel
                .basic_consume(queue, "".into(), options, FieldTable::default())
                .await?)
        })
        .await?;
        Ok(Session {
            link,
            stream,
            acks: Arc::default(),
        })
    }

    /// Keeps the connection for acknowledgements, without deliveries.
    async fn await_close(&self, session: Session) {
        let tag = session.stream.tag();
        if let Err(error) = session
            .link
            .channel
            .basic_cancel(tag, BasicCancelOptions::default())
            .await
        {
            tracing::debug!(%error, "the consumer can't be cancelled");
        }
        self.closing.cancelled().await;
        session.settle_and_close().await;
    }
}

impl Session {
    async fn deliver(
        &self,
        deliveries: &UnboundedSender<Delivery>,
        cancelling: &CancellationToken,
        closing: &CancellationToken,
    ) -> End {
        let mut stream = self.stream.clone();
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                // polled first: a message that is acknowledged after a cancel must still find its
                // connection
                biased;
                () = closing.cancelled() => return End::Closing,
                () = cancelling.cancelled() => return End::Cancelled,
                () = self.acks.over.cancelled() => return End::Broken,
                _ = look.tick() => if !self.link.is_open() {
                    return End::Broken;
                },
                message = stream.next() => match message {
                    Some(Ok(message)) => {
                        // an error means that the consumer was dropped, which closes this
                        let _ = deliveries.send(Delivery::new(message, Arc::clone(&self.acks)));
                    }
                    Some(Err(error)) => {
                        tracing::debug!(%error, "deliveries have ended");
                        return End::Broken;
                    }
                    None => return End::Broken,
                },
            }
        }
    }

    async fn settle_and_close(self) {
        tokio::time::sleep(SETTLE).await;
        self.close().await;
    }

    /// Closes a connection that has failed, without waiting: its node may never answer.
    fn close_elsewhere(self) {
        self.link.avoid_node();
        self.acks.over.cancel();
        tokio::spawn(self.close());
    }

    /// Makes every delivery of this connection stale, and closes it.
    async fn close(self) {
        self.acks.over.cancel();
        drop(self.stream);
        self.link.close().await;
    }
}
