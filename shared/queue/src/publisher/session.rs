//! One connection's life: messages in flight and their confirms.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::stream::{BoxStream, FuturesUnordered, StreamExt};
use futures_util::{FutureExt, future::BoxFuture};
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Confirmation, Event};
use sportello_domain::Channel;

use super::inbox::Job;
use super::{PublishError, Status, thread_replies};
use crate::broker::{BrokerUri, ConnectError, Link};
use crate::envelope;
use crate::metrics::{PublishResult, PublisherMetrics};
use crate::properties;
use crate::topology::EXCHANGE;

/// Time without a confirm, on a connection that is not blocked, after which the connection is built
/// anew.
const STALL_LIMIT: Duration = Duration::from_secs(5);

type Confirm = BoxFuture<'static, (u64, lapin::Result<Confirmation>)>;

pub(super) struct Session {
    link: Link,
    events: BoxStream<'static, Event>,
    channel: Channel,
    in_flight: BTreeMap<u64, Message>,
    confirms: FuturesUnordered<Confirm>,
    next: u64,
    /// When the connection was opened or last seen blocked: a blocked broker owes no confirms.
    blocked: Instant,
}

/// A message without a confirm.
struct Message {
    jobs: Vec<Job>,
    sent: Instant,
}

impl Session {
    pub(super) async fn open(uri: BrokerUri, name: String, channel: Channel) -> Result<Self, ConnectError> {
        let link = Link::open(&uri, &name).await?;
        let events = link.connection.events_listener().boxed();
        link.select_confirms().await?;
        Ok(Self {
            link,
            events,
            channel,
            in_flight: BTreeMap::new(),
            confirms: FuturesUnordered::new(),
            next: 0,
            blocked: Instant::now(),
        })
    }

    pub(super) fn status(&self) -> Status {
        match (self.link.is_open(), self.link.is_blocked()) {
            (true, false) => Status::Connected,
            (true, true) => Status::Blocked,
            (false, _) => Status::Disconnected,
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Returns whether the oldest confirm is missing for too long.
    pub(super) fn is_stalled(&mut self) -> bool {
        if self.link.is_blocked() {
            self.blocked = Instant::now();
        }
        let oldest = self.in_flight.first_key_value();
        oldest.is_some_and(|(_, message)| message.sent.max(self.blocked).elapsed() > STALL_LIMIT)
    }

    /// Sends these applications as one message.
    pub(super) fn send(&mut self, jobs: Vec<Job>) {
        let sequence = self.next;
        self.next += 1;
        let body = envelope::encode(jobs.iter().map(|job| &job.submission));
        let properties = message_properties(&jobs);
        self.in_flight.insert(
            sequence,
            Message {
                jobs,
                sent: Instant::now(),
            },
        );
        let amqp = self.link.channel.clone();
        let routing_key = self.channel.as_str();
        // Polled by the owner alone: the tag is taken and the frames are queued in one poll, so no
        // other publish of this AMQP channel comes between.
        let confirm = async move {
            let options = BasicPublishOptions::default();
            amqp.basic_publish(EXCHANGE.into(), routing_key.into(), options, &body, properties)
                .await?
                .await
        };
        self.confirms
            .push(confirm.map(move |outcome| (sequence, outcome)).boxed());
    }

    /// Waits for the next confirm and answers the senders, or until an event on the connection.
    /// Cancel-safe.
    pub(super) async fn progress(&mut self, metrics: &PublisherMetrics) {
        tokio::select! {
            Some((sequence, outcome)) = self.confirms.next() => self.finish(sequence, outcome, metrics),
            Some(event) = self.events.next() => self.log(&event),
            else => std::future::pending().await,
        }
    }

    fn log(&self, event: &Event) {
        let channel = self.channel.as_str();
        if let Event::ConnectionBlocked(reason) = event {
            tracing::warn!(channel, reason, "the broker takes no messages");
        } else if let Event::ConnectionUnblocked = event {
            tracing::info!(channel, "the broker takes messages again");
        } else if let Event::Error(error) = event {
            tracing::warn!(channel, %error, "error on the connection to the broker");
        }
    }

    fn finish(&mut self, sequence: u64, outcome: lapin::Result<Confirmation>, metrics: &PublisherMetrics) {
        let Some(message) = self.in_flight.remove(&sequence) else {
            return;
        };
        let result = match outcome {
            Ok(Confirmation::Ack(None)) => {
                metrics.confirmed(self.channel, message.jobs.len(), message.sent.elapsed());
                Ok(())
            }
            Ok(Confirmation::Ack(Some(_)) | Confirmation::Nack(_) | Confirmation::NotRequested) => {
                Err(PublishError::Refused)
            }
            Err(error) => {
                tracing::debug!(%error, "a message was left without a confirm");
                Err(PublishError::Unavailable)
            }
        };
        end_all(message.jobs, result, self.channel, metrics);
    }

    /// Ends the messages in flight and closes the connection.
    pub(super) async fn close(mut self, metrics: &PublisherMetrics) {
        // confirms that have arrived still count
        while let Some(Some((sequence, outcome))) = self.confirms.next().now_or_never() {
            self.finish(sequence, outcome, metrics);
        }
        for message in std::mem::take(&mut self.in_flight).into_values() {
            end_all(
                message.jobs,
                Err(PublishError::Unavailable),
                self.channel,
                metrics,
            );
        }
        drop(self.confirms);
        self.link.close().await;
    }
}

/// Ends jobs with the same outcome.
pub(super) fn end_all(
    jobs: Vec<Job>,
    result: Result<(), PublishError>,
    channel: Channel,
    metrics: &PublisherMetrics,
) {
    metrics.ended(channel, PublishResult::from(result), jobs.len());
    thread_replies::answer(jobs.into_iter().map(Job::leave), result);
}

fn message_properties(jobs: &[Job]) -> BasicProperties {
    let mut headers = FieldTable::default();
    let count = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
    headers.insert(properties::APPLICATIONS.into(), AMQPValue::LongUInt(count));
    if let Some(traceparent) = jobs.iter().find_map(|job| job.submission.traceparent()) {
        headers.insert(
            properties::TRACEPARENT.into(),
            AMQPValue::LongString(traceparent.into()),
        );
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    properties::persistent().with_timestamp(now).with_headers(headers)
}
