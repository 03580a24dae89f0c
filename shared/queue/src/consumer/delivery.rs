//! One message in hand.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use lapin::Acker;
use lapin::types::AMQPValue;
use lapin::{BasicProperties, message};
use sportello_domain::{LetterId, Stamp};

use super::acks::{AckError, Acks};
use crate::properties;
use crate::shards::ShardQueue;

/// A delivered message, to be held until it is acknowledged.
///
/// If one is dropped instead, its consumer builds its connection anew. The broker then delivers it
/// again with all other unacknowledged messages, and counts that against the delivery limit of
/// each.
pub struct Delivery {
    body: Bytes,
    redelivered: bool,
    traceparent: Option<String>,
    applications: Option<usize>,
    stamp: Option<Stamp>,
    letter: Option<LetterId>,
    returns: u32,
    hold: Hold,
}

/// The open acknowledgement of a delivery.
struct Hold {
    tag: u64,
    acker: Acker,
    acks: Arc<Acks>,
    settled: bool,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if !self.settled {
            self.acks.over.cancel();
        }
    }
}

impl Hold {
    fn settle(mut self) -> (u64, Acker) {
        self.settled = true;
        (self.tag, self.acker.clone())
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Delivery({} bytes, redelivered: {})",
            self.body.len(),
            self.redelivered
        )
    }
}

impl Delivery {
    pub(super) fn new(message: message::Delivery, acks: Arc<Acks>) -> Self {
        Self {
            redelivered: message.redelivered,
            traceparent: traceparent(&message.properties),
            applications: applications(&message.properties),
            stamp: stamp(&message),
            letter: letter(&message.properties),
            returns: returns(&message.properties),
            body: message.data.into(),
            hold: Hold {
                tag: message.delivery_tag,
                acker: message.acker,
                acks,
                settled: false,
            },
        }
    }

    /// Returns the envelope, for [`decode`](crate::decode).
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns whether the message may have been delivered before.
    #[must_use]
    pub fn redelivered(&self) -> bool {
        self.redelivered
    }

    /// Returns the W3C `traceparent` of the message's first traced application.
    #[must_use]
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    /// Returns the number of applications by the message's header; 1 without the header.
    #[must_use]
    pub fn applications(&self) -> usize {
        self.applications.unwrap_or(1)
    }

    /// Returns the number of applications by the message's header.
    #[must_use]
    pub fn declared_applications(&self) -> Option<usize> {
        self.applications
    }

    /// Returns the message's number; none for a message of a publisher that does not count.
    #[must_use]
    pub fn stamp(&self) -> Option<Stamp> {
        self.stamp
    }

    /// Returns the dead letter that is sent again with this message.
    #[must_use]
    pub fn letter(&self) -> Option<LetterId> {
        self.letter
    }

    /// Returns how often the message was returned to the queue before, as the broker counts.
    #[must_use]
    pub fn returns(&self) -> u32 {
        self.returns
    }

    /// Returns the message to the queue, where the broker may hand it to any consumer. It counts
    /// against the delivery limit.
    ///
    /// # Errors
    /// [`AckError::Stale`], which is harmless.
    pub async fn give_back(self) -> Result<(), AckError> {
        let acks = Arc::clone(&self.hold.acks);
        acks.give_back(self.hold.settle()).await
    }

    /// Returns whether the message can still be acknowledged. After that, the broker delivers it
    /// again.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.hold.acker.usable() && !self.hold.acks.over.is_cancelled()
    }

    /// Acknowledges the message: the broker forgets it. Only after everything in it is durable
    /// elsewhere.
    ///
    /// # Errors
    /// [`AckError::Stale`], which is harmless.
    pub async fn ack(self) -> Result<(), AckError> {
        let acks = Arc::clone(&self.hold.acks);
        acks.ack(&[self.hold.settle()]).await
    }
}

/// Acknowledges several messages: for each queue with one frame where nothing before the last is
/// still open.
///
/// # Errors
/// [`AckError::Stale`] where that holds for any of them; it is harmless.
pub async fn ack_all(batch: Vec<Delivery>) -> Result<(), AckError> {
    let (mut rest, mut acked) = (batch, Ok(()));
    let mut is_latest = true;
    // those of one connection after the other
    while let Some(last) = rest.last() {
        let acks = Arc::clone(&last.hold.acks);
        let together: Vec<Delivery>;
        (together, rest) = rest
            .into_iter()
            .partition(|delivery| Arc::ptr_eq(&delivery.hold.acks, &acks));
        // an earlier one may be frozen
        if !std::mem::replace(&mut is_latest, false) && acks.over.is_cancelled() {
            acked = Err(AckError::Stale);
            continue;
        }
        let together: Vec<_> = (together.into_iter())
            .map(|delivery| delivery.hold.settle())
            .collect();
        acked = acks.ack(&together).await.and(acked);
    }
    acked
}

fn letter(properties: &BasicProperties) -> Option<LetterId> {
    let value = header(properties, properties::LETTER)?.as_long_string()?;
    std::str::from_utf8(value.as_bytes()).ok()?.parse().ok()
}

fn header<'a>(properties: &'a BasicProperties, name: &str) -> Option<&'a AMQPValue> {
    properties.headers().as_ref()?.inner().get(name)
}

fn traceparent(properties: &BasicProperties) -> Option<String> {
    let value = header(properties, properties::TRACEPARENT)?.as_long_string()?;
    std::str::from_utf8(value.as_bytes()).ok().map(Into::into)
}

/// Returns how often the broker delivered the message before. An unreadable count is treated as a
/// large one: a message kept for a newer worker is then given back seldom, so the broker does not
/// dead-letter it for too many returns.
fn returns(properties: &BasicProperties) -> u32 {
    // a quorum queue's own header, not there at first; its type depends on the broker's version
    let count = match header(properties, "x-delivery-count") {
        None => Some(0),
        Some(AMQPValue::LongLongInt(count)) => u32::try_from(*count).ok(),
        Some(AMQPValue::LongInt(count)) => u32::try_from(*count).ok(),
        Some(AMQPValue::LongUInt(count)) => Some(*count),
        Some(_) => None,
    };
    count.unwrap_or(u32::MAX)
}

fn applications(properties: &BasicProperties) -> Option<usize> {
    header(properties, properties::APPLICATIONS)
        .and_then(AMQPValue::as_long_uint)
        .and_then(|count| usize::try_from(count).ok())
        .map(|count| count.max(1))
}

/// Reads the number; the routing key names the channel.
fn stamp(message: &message::Delivery) -> Option<Stamp> {
    let channel = ShardQueue::of_key(message.routing_key.as_str())?.channel();
    let id = message.properties.message_id().as_ref()?;
    Stamp::parse(channel, id.as_str()).ok()
}

#[cfg(test)]
mod tests {
    use lapin::types::FieldTable;

    use super::*;

    #[test]
    fn a_count_of_returns_that_can_not_be_read_is_a_large_one() {
        let counted = |value: AMQPValue| {
            let mut headers = FieldTable::default();
            headers.insert("x-delivery-count".into(), value);
            returns(&BasicProperties::default().with_headers(headers))
        };
        assert_eq!(returns(&BasicProperties::default()), 0);
        assert_eq!(counted(AMQPValue::LongLongInt(7)), 7);
        assert_eq!(counted(AMQPValue::LongInt(7)), 7);
        assert_eq!(counted(AMQPValue::LongUInt(7)), 7);
        for unread in [AMQPValue::LongLongInt(-1), AMQPValue::LongString("7".into())] {
            assert_eq!(counted(unread), u32::MAX);
        }
    }
}
