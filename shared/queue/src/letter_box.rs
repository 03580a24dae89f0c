//! Takes messages from the queues in which they wait for a person: dead letters and unrouted ones.

use bytes::Bytes;
use jiff::Timestamp;
use lapin::options::{BasicAckOptions, BasicGetOptions, BasicNackOptions};
use lapin::types::AMQPValue;
use lapin::{Acker, BasicProperties};
use sportello_domain::{Channel, DeadLetterReason, LetterId, LetterStamp};
use tokio::sync::Mutex;

use crate::broker::{BrokerUri, ConnectError, Link, in_time};
use crate::properties;
use crate::shards::ShardQueue;
use crate::topology::{DEAD_LETTER, UNROUTED};

/// A queue without a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingQueue {
    /// Messages that can't be processed.
    DeadLetters,
    /// Messages that the broker had no queue for.
    Unrouted,
}

impl WaitingQueue {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::DeadLetters, Self::Unrouted];

    /// Returns its name at the broker.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DeadLetters => DEAD_LETTER,
            Self::Unrouted => UNROUTED,
        }
    }
}

/// A message in hand, with what its headers say. It is to be acknowledged, or given back.
pub struct TakenLetter {
    /// The message.
    pub body: Bytes,
    /// The channel, by its routing key; `None` where that is no channel.
    pub channel: Option<Channel>,
    /// The number of its message, and its place there.
    pub stamp: Option<LetterStamp>,
    /// The dead letter that was sent again as this one.
    pub returned_from: Option<LetterId>,
    /// Applications by the message's header; 1 without it.
    pub applications: u32,
    /// The kind of reason, where a worker of this version sent it or the broker did.
    pub reason: Option<DeadLetterReason>,
    /// The reason in words.
    pub detail: Option<String>,
    /// When it became a dead letter, by its sender's clock.
    pub dead_lettered_at: Option<Timestamp>,
    acker: Acker,
}

/// Why no letters can be taken. What was taken before is in the queue again.
#[derive(Debug, thiserror::Error)]
#[error("the queue of letters can't be read: {0}")]
pub struct LetterBoxError(#[from] ConnectError);

/// Takes messages without consuming: nothing is delivered unasked.
pub struct LetterBox {
    uri: BrokerUri,
    name: String,
    link: Mutex<Option<Link>>,
}

impl LetterBox {
    /// Makes one that connects when it is first used. `name` is the connection's name at the
    /// broker.
    #[must_use]
    pub fn new(uri: BrokerUri, name: &str) -> Self {
        Self {
            uri,
            name: format!("{name} (letters)"),
            link: Mutex::default(),
        }
    }

    /// Takes up to `most` messages, and never waits for one.
    ///
    /// # Errors
    /// [`LetterBoxError`]: the next call connects anew.
    pub async fn take(&self, queue: WaitingQueue, most: usize) -> Result<Vec<TakenLetter>, LetterBoxError> {
        let mut place = self.link.lock().await;
        // taken until all went well: dropped, the connection gives back what it has taken
        let link = match place.take() {
            Some(link) if link.is_open() => link,
            Some(_) | None => Link::open(&self.uri, &self.name).await?,
        };
        let mut taken = Vec::new();
        while taken.len() < most {
            let message = in_time(async {
                let options = BasicGetOptions { no_ack: false };
                Ok(link.channel.basic_get(queue.name().into(), options).await?)
            });
            match message.await? {
                Some(message) => taken.push(TakenLetter::new(message.delivery)),
                None => break,
            }
        }
        *place = Some(link);
        Ok(taken)
    }

    /// Closes the connection, if there is one: the broker has again what was not acknowledged.
    pub async fn close(&self) {
        if let Some(link) = self.link.lock().await.take() {
            link.close().await;
        }
    }
}

impl TakenLetter {
    fn new(message: lapin::message::Delivery) -> Self {
        let properties = &message.properties;
        let channel = ShardQueue::of_key(message.routing_key.as_str()).map(ShardQueue::channel);
        let id = properties.message_id().as_ref().map(|id| id.as_str().to_owned());
        let stamp = channel
            .zip(id)
            .map(|(channel, id)| LetterStamp::parse(channel, &id));
        let text = |name| text(properties, name);
        Self {
            channel,
            stamp: stamp.and_then(Result::ok),
            returned_from: text(properties::LETTER).and_then(|id| id.parse().ok()),
            applications: applications(properties),
            reason: reason(properties),
            detail: text(properties::REASON),
            dead_lettered_at: text(properties::DEAD_LETTERED_AT).and_then(|at| at.parse().ok()),
            acker: message.acker,
            body: message.data.into(),
        }
    }

    /// Acknowledges the message: the broker forgets it. Only after it is durable elsewhere.
    /// Returns whether that could be sent; otherwise the broker delivers it again.
    pub async fn ack(self) -> bool {
        let acked = self.acker.ack(BasicAckOptions::default()).await;
        acked.unwrap_or(false)
    }

    /// Gives the message back to its queue.
    pub async fn give_back(self) {
        let options = BasicNackOptions {
            requeue: true,
            ..Default::default()
        };
        if let Err(error) = self.acker.nack(options).await {
            tracing::debug!(%error, "a letter can't be given back: the broker has it again");
        }
    }
}

fn header<'a>(properties: &'a BasicProperties, name: &str) -> Option<&'a AMQPValue> {
    properties.headers().as_ref()?.inner().get(name)
}

fn text(properties: &BasicProperties, name: &str) -> Option<String> {
    let value = header(properties, name)?.as_long_string()?;
    std::str::from_utf8(value.as_bytes()).ok().map(Into::into)
}

fn applications(properties: &BasicProperties) -> u32 {
    let count = header(properties, properties::APPLICATIONS).and_then(AMQPValue::as_long_uint);
    count.unwrap_or(1).max(1)
}

/// Returns the worker's word, or the broker's: it writes `x-death` where it dead-letters by itself.
fn reason(properties: &BasicProperties) -> Option<DeadLetterReason> {
    let worker = text(properties, properties::REASON_CODE).and_then(|word| word.parse().ok());
    let broker = header(properties, "x-death").map(|_| DeadLetterReason::DeliveryLimit);
    worker.or(broker)
}
