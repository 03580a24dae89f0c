//! One connection's life: messages in flight and their confirms.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::stream::{BoxStream, FuturesUnordered, StreamExt};
use futures_util::{FutureExt, future::BoxFuture};
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Confirmation, Event};
use sportello_domain::{Channel, Stamp, Statement};

use super::inbox::Job;
use super::ledger::Ledger;
use super::{PublishError, Status, thread_replies};
use crate::broker::{BrokerUri, ConnectError, Link};
use crate::envelope;
use crate::metrics::{PublishResult, PublisherMetrics};
use crate::properties;
use crate::shards::ShardQueue;
use crate::topology::{EXCHANGE, STATEMENTS};

/// Time without a confirm, on a connection that is not blocked, after which the connection is built
/// anew.
const STALL_LIMIT: Duration = Duration::from_secs(5);
/// As [`STALL_LIMIT`], where another node may do better. A little longer than senders wait.
const NODE_STALL_LIMIT: Duration = Duration::from_secs(1);
/// Time after a connection to one of several nodes was opened in which the broker may refuse
/// messages for want of a leader: a queue whose leader is gone chooses another.
const ELECTION: Duration = Duration::from_secs(2);
/// Age at which an AMQP channel that refused something gives way to another.
const AGE_OF_REFUSING: Duration = Duration::from_millis(100);

type Confirm = BoxFuture<'static, (u64, lapin::Result<Confirmation>)>;
type Stating = Option<(Statement, BoxFuture<'static, lapin::Result<Confirmation>>)>;

pub(super) struct Session {
    link: Link,
    events: BoxStream<'static, Event>,
    queue: ShardQueue,
    in_flight: BTreeMap<u64, Message>,
    confirms: FuturesUnordered<Confirm>,
    /// The statement without a confirm, and its confirm.
    stating: Stating,
    opened: Instant,
    /// When the connection was opened or last seen blocked: a blocked broker owes no confirms.
    blocked: Instant,
    /// Whether another node may do what this one does not.
    has_alternatives: bool,
    /// To be sent again.
    refused: Vec<Job>,
    /// When the AMQP channel was opened.
    channel_opened: Instant,
    /// Whether the AMQP channel has refused something, and there are other nodes.
    is_refusing: bool,
    /// Whether something is to be sent again, and not on this AMQP channel.
    waits: bool,
}

/// A message without a confirm.
struct Message {
    jobs: Vec<Job>,
    sent: Instant,
}

impl Session {
    pub(super) async fn open(uri: BrokerUri, name: String, queue: ShardQueue) -> Result<Self, ConnectError> {
        let link = Link::open(&uri, &name).await?;
        link.ensure_queue(&uri, queue).await?;
        let events = link.connection.events_listener().boxed();
        link.select_confirms().await?;
        Ok(Self {
            link,
            events,
            queue,
            in_flight: BTreeMap::new(),
            confirms: FuturesUnordered::new(),
            stating: None,
            opened: Instant::now(),
            blocked: Instant::now(),
            has_alternatives: uri.has_several_nodes(),
            refused: Vec::new(),
            channel_opened: Instant::now(),
            is_refusing: false,
            waits: false,
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
        let limit = if self.has_alternatives {
            NODE_STALL_LIMIT
        } else {
            STALL_LIMIT
        };
        let oldest = self.in_flight.first_key_value();
        oldest.is_some_and(|(_, message)| message.sent.max(self.blocked).elapsed() > limit)
    }

    /// Returns whether another AMQP channel may do what this one refuses. `RabbitMQ` 3.10 looks for
    /// a queue's leader once for each AMQP channel: one that was opened before an election goes on
    /// refusing after it, for as long as the old leader's node is away.
    pub(super) fn needs_channel(&self) -> bool {
        self.is_refusing && self.channel_opened.elapsed() > AGE_OF_REFUSING
    }

    /// Returns whether messages may be sent on this AMQP channel.
    pub(super) fn may_send(&self) -> bool {
        !self.waits && !self.needs_channel()
    }

    /// Opens another AMQP channel in place of this one, on which nothing may be in flight. A
    /// statement that is on its way is said again by the next.
    pub(super) async fn renew_channel(&mut self) -> Result<(), ConnectError> {
        self.link.renew_channel(NODE_STALL_LIMIT).await?;
        self.stating = None;
        self.channel_opened = Instant::now();
        (self.is_refusing, self.waits) = (false, false);
        Ok(())
    }

    /// Returns what is to be sent again.
    pub(super) fn take_refused(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.refused)
    }

    /// Sends these applications as one message.
    pub(super) fn send(&mut self, jobs: Vec<Job>, stamp: Stamp) {
        let body = envelope::encode(jobs.iter().map(|job| &job.submission));
        let properties = message_properties(&jobs, stamp);
        self.in_flight.insert(
            stamp.number,
            Message {
                jobs,
                sent: Instant::now(),
            },
        );
        let confirm = self.publish(EXCHANGE, self.queue.key(), body, properties);
        self.confirms
            .push(confirm.map(move |outcome| (stamp.number, outcome)).boxed());
    }

    /// Sends a statement to the ledger, unless one is on its way.
    pub(super) fn state(&mut self, statement: Statement) {
        if self.stating.is_some() {
            return;
        }
        let body = match serde_json::to_vec(&statement) {
            Ok(body) => body,
            Err(error) => return tracing::error!(%error, "a statement can't be written as JSON"),
        };
        let confirm = self.publish(STATEMENTS, "", body, properties::of_type("statement"));
        self.stating = Some((statement, confirm));
    }

    pub(super) fn is_stating(&self) -> bool {
        self.stating.is_some()
    }

    /// Polled by the owner alone: the tag is taken and the frames are queued in one poll, so no
    /// other publish of this AMQP channel comes between.
    fn publish(
        &self,
        exchange: &'static str,
        routing_key: &'static str,
        body: Vec<u8>,
        properties: BasicProperties,
    ) -> BoxFuture<'static, lapin::Result<Confirmation>> {
        let amqp = self.link.channel.clone();
        let publish = async move {
            let options = BasicPublishOptions::default();
            amqp.basic_publish(exchange.into(), routing_key.into(), options, &body, properties)
                .await?
                .await
        };
        publish.boxed()
    }

    /// Waits for the next confirm and answers the senders, or until an event on the connection.
    /// Cancel-safe.
    pub(super) async fn progress(&mut self, metrics: &PublisherMetrics, ledger: &mut Ledger) {
        tokio::select! {
            Some((number, outcome)) = self.confirms.next() => self.finish(number, outcome, metrics, ledger),
            outcome = confirmed(&mut self.stating) => self.stated(&outcome, ledger),
            Some(event) = self.events.next() => self.log(&event),
            else => std::future::pending().await,
        }
    }

    fn log(&self, event: &Event) {
        let channel = self.queue.key();
        if let Event::ConnectionBlocked(reason) = event {
            tracing::warn!(channel, reason, "the broker takes no messages");
        } else if let Event::ConnectionUnblocked = event {
            tracing::info!(channel, "the broker takes messages again");
        } else if let Event::Error(error) = event {
            tracing::warn!(channel, %error, "error on the connection to the broker");
        }
    }

    fn stated(&mut self, outcome: &lapin::Result<Confirmation>, ledger: &mut Ledger) {
        if let Some((statement, _)) = self.stating.take() {
            if let Ok(Confirmation::Ack(None)) = outcome {
                ledger.is_kept(&statement);
            } else {
                self.is_refusing = self.has_alternatives;
                tracing::warn!(
                    "the broker did not keep a statement of the ledger: the next says the same and more"
                );
            }
        }
    }

    fn finish(
        &mut self,
        number: u64,
        outcome: lapin::Result<Confirmation>,
        metrics: &PublisherMetrics,
        ledger: &mut Ledger,
    ) {
        let Some(message) = self.in_flight.remove(&number) else {
            return;
        };
        let result = match outcome {
            Ok(Confirmation::Ack(None)) => {
                metrics.confirmed(self.queue.channel(), message.jobs.len(), message.sent.elapsed());
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
        if result == Err(PublishError::Refused) {
            self.is_refusing = self.has_alternatives;
        }
        ledger.decide(number, result.is_ok().then_some(message.jobs.len()));
        if self.may_go_again(result) {
            self.waits = true;
            self.refused.extend(message.jobs);
        } else {
            end_all(message.jobs, result, self.queue.channel(), metrics);
        }
    }

    /// Returns whether another attempt may do better: the connection has ended and there are other
    /// nodes, or the queue may have had no leader.
    fn may_go_again(&self, result: Result<(), PublishError>) -> bool {
        let is_worth_it = match result {
            Err(PublishError::Unavailable) => true,
            Err(PublishError::Refused) => self.opened.elapsed() < ELECTION,
            Ok(()) | Err(PublishError::NoCapacity | PublishError::Timeout | PublishError::Blocked) => false,
        };
        self.has_alternatives && is_worth_it
    }

    /// Closes the connection. Returns the applications in flight, of which it is not known whether
    /// they are in the queue.
    pub(super) async fn close(mut self, metrics: &PublisherMetrics, ledger: &mut Ledger) -> Vec<Job> {
        // confirms that have arrived still count
        while let Some(Some((number, outcome))) = self.confirms.next().now_or_never() {
            self.finish(number, outcome, metrics, ledger);
        }
        let mut left = self.take_refused();
        for (number, message) in std::mem::take(&mut self.in_flight) {
            ledger.decide(number, None);
            left.extend(message.jobs);
        }
        drop(self.confirms);
        drop(self.stating);
        if self.has_alternatives {
            // a frozen node does not answer, and the next node need not wait for that
            tokio::spawn(self.link.close());
        } else {
            self.link.close().await;
        }
        left
    }

    /// Records that this node does not do its work.
    pub(super) fn avoid_node(&self) {
        self.link.avoid_node();
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

/// Waits for the statement's confirm; for ever without one.
async fn confirmed(stating: &mut Stating) -> lapin::Result<Confirmation> {
    match stating {
        Some((_, confirm)) => confirm.await,
        None => std::future::pending().await,
    }
}

fn message_properties(jobs: &[Job], stamp: Stamp) -> BasicProperties {
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
    properties::persistent()
        .with_message_id(stamp.message_id().into())
        .with_timestamp(now)
        .with_headers(headers)
}
