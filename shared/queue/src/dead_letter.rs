//! Putting aside what can't be processed.

use jiff::Timestamp;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use sportello_domain::{ApplicationId, Channel};

use crate::broker::BrokerUri;
use crate::properties;
use crate::sender::{SendError, Sender};
use crate::topology::DEAD_LETTER;

/// An application, or a message, that can't be processed.
#[derive(Clone)]
pub struct DeadLetter {
    /// The channel that it came by; kept as routing key, so that it can be sent there again.
    pub channel: Channel,
    /// The whole envelope, as [`Poison::envelope`](crate::Poison::envelope) or
    /// [`Received::envelope`](crate::Received::envelope) give it.
    pub envelope: Vec<u8>,
    /// Why, without personal data; operators see it.
    pub reason: String,
    /// The application's id, where it is known.
    pub id: Option<ApplicationId>,
}

/// Why a dead letter isn't known to be kept; send it again before anything is acknowledged.
#[derive(Debug, thiserror::Error)]
#[error("the dead letter isn't known to be kept: {0}")]
pub struct DeadLetterError(#[from] pub SendError);

/// Sends dead letters, one at a time, over a connection of its own.
pub struct DeadLetters(Sender);

impl DeadLetters {
    /// Connects with the first dead letter. `name` is what the broker's operators see.
    #[must_use]
    pub fn new(uri: BrokerUri, name: impl Into<String>) -> Self {
        Self(Sender::new(uri, format!("{} (dead letters)", name.into())))
    }

    /// Puts a dead letter into its queue. `Ok` follows the broker's confirm; what it came from may be
    /// acknowledged then.
    ///
    /// # Errors
    /// [`DeadLetterError`]: it isn't known to be kept. The next call connects anew.
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
    insert(properties::DEAD_LETTERED_AT, Timestamp::now().to_string());
    if let Some(id) = letter.id {
        insert(properties::APPLICATION_ID, id.to_string());
    }
    properties::persistent().with_headers(headers)
}
