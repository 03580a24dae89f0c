//! Sends messages that can't be processed to the dead-letter queue.

use jiff::Timestamp;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use sportello_domain::{ApplicationId, Channel, DeadLetterReason, LetterId, LetterStamp};

use crate::broker::BrokerUri;
use crate::properties;
use crate::sender::{SendError, Sender};
use crate::topology::DEAD_LETTER;

/// An application, or a message, that can't be processed.
#[derive(Clone)]
pub struct DeadLetter {
    /// The channel that it came by; kept as routing key, so that it can be published there again.
    pub channel: Channel,
    /// The whole envelope, from [`Poison::envelope`](crate::Poison::envelope) or
    /// [`Received::envelope`](crate::Received::envelope).
    pub envelope: Vec<u8>,
    /// Reason, without personal data; operators read it.
    pub reason: String,
    /// The kind of reason.
    pub code: DeadLetterReason,
    /// The application's id, where it is known.
    pub id: Option<ApplicationId>,
    /// The number of the message that it was in and its index there, where the message has one;
    /// kept as `message_id`.
    pub stamp: Option<LetterStamp>,
    /// The dead letter that was sent again and comes back as this one.
    pub returned_from: Option<LetterId>,
}

/// Why a dead letter is not known to be kept. Send it again before anything is acknowledged.
#[derive(Debug, thiserror::Error)]
#[error("the dead letter isn't known to be kept: {0}")]
pub struct DeadLetterError(#[from] pub SendError);

/// Sends dead letters, one at a time, over a connection of its own.
pub struct DeadLetters(Sender);

impl DeadLetters {
    /// Makes a sender that connects with the first dead letter. `name` is the connection's name at
    /// the broker.
    #[must_use]
    pub fn new(uri: BrokerUri, name: impl Into<String>) -> Self {
        Self(Sender::new(uri, format!("{} (dead letters)", name.into())))
    }

    /// Sends a dead letter to its queue. `Ok` follows the broker's confirm; after that its original
    /// message may be acknowledged.
    ///
    /// # Errors
    /// [`DeadLetterError`]: it is not known to be kept. The next call connects anew.
    pub async fn send(&self, letter: &DeadLetter) -> Result<(), DeadLetterError> {
        let (routing_key, properties) = (letter.channel.as_str(), letter_properties(letter));
        self.0
            .send(DEAD_LETTER, routing_key, &letter.envelope, properties)
            .await?;
        Ok(())
    }

    /// Closes the connection, if there is one.
    pub async fn close(self) {
        self.0.close().await;
    }
}

fn letter_properties(letter: &DeadLetter) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut insert = |name: &str, value: String| {
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    };
    insert(properties::REASON, letter.reason.clone());
    insert(properties::REASON_CODE, letter.code.as_str().to_owned());
    insert(properties::DEAD_LETTERED_AT, Timestamp::now().to_string());
    if let Some(id) = letter.id {
        insert(properties::APPLICATION_ID, id.to_string());
    }
    if let Some(before) = letter.returned_from {
        insert(properties::LETTER, before.to_string());
    }
    let properties = properties::persistent().with_headers(headers);
    match letter.stamp {
        Some(stamp) => properties.with_message_id(stamp.message_id().into()),
        None => properties,
    }
}
