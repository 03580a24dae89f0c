//! Putting aside what can't be processed.

use std::time::Duration;

use jiff::Timestamp;
use lapin::options::BasicPublishOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Confirmation};
use sportello_domain::{ApplicationId, Channel};
use tokio::sync::Mutex;

use crate::broker::{BrokerUri, ConnectError, Link};
use crate::properties;
use crate::topology::DEAD_LETTER;

const CONFIRM_TIMEOUT: Duration = Duration::from_secs(5);

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
pub enum DeadLetterError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The connection ended before the confirm came.
    #[error("the dead letter was left without a confirm: {0}")]
    Broker(#[from] lapin::Error),
    /// No confirm in time.
    #[error("the dead letter wasn't confirmed within {} s", CONFIRM_TIMEOUT.as_secs())]
    Timeout,
    /// The broker refused it, or has no queue for it.
    #[error("the broker did not keep the dead letter; check the queue {DEAD_LETTER}")]
    Refused,
}

/// Sends dead letters, one at a time, over a connection of its own.
pub struct DeadLetters {
    uri: BrokerUri,
    name: String,
    link: Mutex<Option<Link>>,
}

impl DeadLetters {
    /// Connects with the first dead letter. `name` is what the broker's operators see.
    #[must_use]
    pub fn new(uri: BrokerUri, name: impl Into<String>) -> Self {
        Self {
            uri,
            name: format!("{} (dead letters)", name.into()),
            link: Mutex::default(),
        }
    }

    /// Puts a dead letter into its queue. `Ok` follows the broker's confirm; what it came from may be
    /// acknowledged then.
    ///
    /// # Errors
    /// [`DeadLetterError`]: it isn't known to be kept. The next call connects anew.
    pub async fn send(&self, letter: &DeadLetter) -> Result<(), DeadLetterError> {
        let mut place = self.link.lock().await;
        // out of its place until all went well: a link after an error, or whose confirm nobody awaited, is
        // never used again
        let link = match place.take() {
            Some(link) if link.is_open() => link,
            Some(_) | None => self.connect().await?,
        };
        let publishing = publish(&link, letter);
        tokio::time::timeout(CONFIRM_TIMEOUT, publishing)
            .await
            .unwrap_or(Err(DeadLetterError::Timeout))?;
        *place = Some(link);
        Ok(())
    }

    async fn connect(&self) -> Result<Link, DeadLetterError> {
        let link = Link::open(&self.uri, &self.name).await?;
        link.select_confirms().await?;
        Ok(link)
    }

    /// Closes the connection, if there is one.
    pub async fn close(self) {
        if let Some(link) = self.link.into_inner() {
            link.close().await;
        }
    }
}

async fn publish(link: &Link, letter: &DeadLetter) -> Result<(), DeadLetterError> {
    // with a single message in flight, a return belongs to it
    let options = BasicPublishOptions {
        mandatory: true,
        ..Default::default()
    };
    let routing_key = letter.channel.as_str();
    let confirm = link
        .channel
        .basic_publish(
            DEAD_LETTER.into(),
            routing_key.into(),
            options,
            &letter.envelope,
            letter_properties(letter),
        )
        .await?;
    match confirm.await? {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(_)) | Confirmation::Nack(_) | Confirmation::NotRequested => {
            Err(DeadLetterError::Refused)
        }
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
