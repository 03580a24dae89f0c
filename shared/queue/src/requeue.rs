//! Sends dead letters again, each as a message of its own.

use lapin::types::{AMQPValue, FieldTable};
use sportello_domain::{Channel, LetterId};

use crate::broker::BrokerUri;
use crate::properties;
use crate::sender::{SendError, Sender};
use crate::topology::EXCHANGE;

/// Publishes dead letters to their channels' queues, one at a time, over a connection of its own.
pub struct Requeues(Sender);

impl Requeues {
    /// Makes a sender that connects with the first letter. `name` is the connection's name at the
    /// broker.
    #[must_use]
    pub fn new(uri: BrokerUri, name: &str) -> Self {
        Self(Sender::new(uri, format!("{name} (requeue)")))
    }

    /// Publishes a letter's message. `Ok` follows the broker's confirm.
    ///
    /// # Errors
    /// [`SendError`]: it is not known to be kept. The next call connects anew.
    pub async fn send(
        &self,
        letter: LetterId,
        channel: Channel,
        applications: u32,
        message: &[u8],
    ) -> Result<(), SendError> {
        let mut headers = FieldTable::default();
        headers.insert(
            properties::LETTER.into(),
            AMQPValue::LongString(letter.to_string().into()),
        );
        headers.insert(properties::APPLICATIONS.into(), AMQPValue::LongUInt(applications));
        let properties = properties::persistent().with_headers(headers);
        self.0.send(EXCHANGE, channel.as_str(), message, properties).await
    }

    /// Closes the connection, if there is one; the next letter opens another.
    pub async fn close(&self) {
        self.0.close().await;
    }
}
