//! One message in hand.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use lapin::Acker;
use lapin::types::AMQPValue;
use lapin::{BasicProperties, message};

use super::acks::{AckError, Acks};
use crate::properties;

/// A message that was delivered, to be held until it is acknowledged.
///
/// Where one is dropped instead, its consumer builds its connection anew, so that the broker delivers it
/// again with all others that aren't acknowledged, and counts that against the delivery limit of each.
pub struct Delivery {
    body: Bytes,
    redelivered: bool,
    traceparent: Option<String>,
    applications: usize,
    hold: Hold,
}

/// What is owed to the broker for a delivery.
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
            body: message.data.into(),
            hold: Hold {
                tag: message.delivery_tag,
                acker: message.acker,
                acks,
                settled: false,
            },
        }
    }

    /// The envelope, for [`decode`](crate::decode).
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether it may have been delivered before.
    #[must_use]
    pub fn redelivered(&self) -> bool {
        self.redelivered
    }

    /// W3C `traceparent` of the first traced application of the message.
    #[must_use]
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    /// Applications in the message as its header says; 1 where it says nothing.
    #[must_use]
    pub fn applications(&self) -> usize {
        self.applications
    }

    /// Whether it can still be acknowledged. Once it can't, the broker delivers it again.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.hold.acker.usable() && !self.hold.acks.over.is_cancelled()
    }

    /// Acknowledges it: the broker forgets it. Only after everything in it is durable elsewhere.
    ///
    /// # Errors
    /// [`AckError::Stale`], which is harmless.
    pub async fn ack(self) -> Result<(), AckError> {
        let acks = Arc::clone(&self.hold.acks);
        acks.ack(&[self.hold.settle()]).await
    }
}

/// Acknowledges a batch, with one frame where nothing before its last message is still open.
///
/// # Errors
/// [`AckError::Stale`] where that holds for any of them; it is harmless.
pub async fn ack_all(batch: Vec<Delivery>) -> Result<(), AckError> {
    let Some(last) = batch.last() else { return Ok(()) };
    let acks = Arc::clone(&last.hold.acks);
    let taken = batch.len();
    let current: Vec<_> = batch
        .into_iter()
        .filter(|delivery| Arc::ptr_eq(&delivery.hold.acks, &acks))
        .map(|delivery| delivery.hold.settle())
        .collect();
    acks.ack(&current).await?;
    // the others are of earlier connections
    if current.len() == taken {
        Ok(())
    } else {
        Err(AckError::Stale)
    }
}

fn header<'a>(properties: &'a BasicProperties, name: &str) -> Option<&'a AMQPValue> {
    properties.headers().as_ref()?.inner().get(name)
}

fn traceparent(properties: &BasicProperties) -> Option<String> {
    let value = header(properties, properties::TRACEPARENT)?.as_long_string()?;
    std::str::from_utf8(value.as_bytes()).ok().map(Into::into)
}

fn applications(properties: &BasicProperties) -> usize {
    header(properties, properties::APPLICATIONS)
        .and_then(AMQPValue::as_long_uint)
        .and_then(|count| usize::try_from(count).ok())
        .map_or(1, |count| count.max(1))
}
