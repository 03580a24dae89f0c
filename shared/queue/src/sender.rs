//! Publishes single messages now and then: one at a time, with confirms, over its own connection.

use std::time::Duration;

use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Confirmation};
use tokio::sync::Mutex;

use crate::broker::{BrokerUri, ConnectError, Link};

const CONFIRM_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a message is not known to be kept. Send it again.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The connection ended before the confirm came.
    #[error("the message was left without a confirm: {0}")]
    Broker(#[from] lapin::Error),
    /// No confirm in time.
    #[error("the message wasn't confirmed within {} s", CONFIRM_TIMEOUT.as_secs())]
    Timeout,
    /// The broker refused it, or has no queue for it.
    #[error("the broker did not keep the message; check its queues")]
    Refused,
}

/// Sends messages, one at a time.
pub struct Sender {
    uri: BrokerUri,
    name: String,
    link: Mutex<Option<Link>>,
}

impl Sender {
    /// Makes a sender that connects with the first message. `name` is the connection's name at the
    /// broker.
    #[must_use]
    pub fn new(uri: BrokerUri, name: String) -> Self {
        let link = Mutex::default();
        Self { uri, name, link }
    }

    /// Publishes a message to an exchange. `Ok` follows the broker's confirm. Cancel-safe: a
    /// message whose future is dropped may have been sent or not.
    ///
    /// # Errors
    /// [`SendError`]: it is not known to be kept. The next call connects anew.
    pub async fn send(
        &self,
        exchange: &str,
        routing_key: &str,
        body: &[u8],
        properties: BasicProperties,
    ) -> Result<(), SendError> {
        let mut place = self.link.lock().await;
        // taken until all went well: a link after an error, or with an unawaited confirm, is never
        // used again
        let link = match place.take() {
            Some(link) if link.is_open() => link,
            Some(_) | None => self.connect().await?,
        };
        let publishing = publish(&link, exchange, routing_key, body, properties);
        tokio::time::timeout(CONFIRM_TIMEOUT, publishing)
            .await
            .unwrap_or(Err(SendError::Timeout))?;
        *place = Some(link);
        Ok(())
    }

    async fn connect(&self) -> Result<Link, SendError> {
        let link = Link::open(&self.uri, &self.name).await?;
        link.select_confirms().await?;
        Ok(link)
    }

    /// Closes the connection, if there is one; the next message opens another.
    pub async fn close(&self) {
        if let Some(link) = self.link.lock().await.take() {
            link.close().await;
        }
    }
}

async fn publish(
    link: &Link,
    exchange: &str,
    routing_key: &str,
    body: &[u8],
    properties: BasicProperties,
) -> Result<(), SendError> {
    // with a single message in flight, a return belongs to it
    let options = BasicPublishOptions {
        mandatory: true,
        ..Default::default()
    };
    let publish = link
        .channel
        .basic_publish(exchange.into(), routing_key.into(), options, body, properties);
    match publish.await?.await? {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(_)) | Confirmation::Nack(_) | Confirmation::NotRequested => {
            Err(SendError::Refused)
        }
    }
}
