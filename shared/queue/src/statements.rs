//! Reads the publishers' statements to the ledger.

use lapin::Acker;
use lapin::message::BasicGetMessage;
use lapin::options::{BasicAckOptions, BasicGetOptions};
use sportello_domain::Statement;

use crate::broker::{BrokerUri, ConnectError, Link, in_time};
use crate::topology::LEDGER;

/// Reads the ledger's queue, over one connection.
pub struct StatementInbox {
    uri: BrokerUri,
    name: String,
    link: Option<Link>,
    /// The last message that was taken and not acknowledged.
    last: Option<Acker>,
}

impl StatementInbox {
    /// Makes a reader that connects with the first reading. `name` is part of the connection's name
    /// at the broker.
    #[must_use]
    pub fn new(uri: BrokerUri, name: &str) -> Self {
        Self {
            uri,
            name: format!("{name} (ledger)"),
            link: None,
            last: None,
        }
    }

    /// Takes the statements that are there, `most` of them. They are delivered again unless
    /// [`StatementInbox::settle`] follows.
    ///
    /// # Errors
    /// [`ConnectError`] where the broker can't be asked. The next call connects anew.
    pub async fn take(&mut self, most: usize) -> Result<Vec<Statement>, ConnectError> {
        if self.last.is_some() {
            // what was taken before is to come again
            self.close().await;
        }
        // taken until all went well: a link after an error is never used again
        let link = match self.link.take().filter(Link::is_open) {
            Some(link) => link,
            None => Link::open(&self.uri, &self.name).await?,
        };
        let mut statements = Vec::new();
        for _ in 0..most {
            let options = BasicGetOptions::default();
            let message = in_time(async { Ok(link.channel.basic_get(LEDGER.into(), options).await?) });
            let Some(message) = message.await? else { break };
            self.last = Some(message.delivery.acker.clone());
            statements.extend(statement(&message));
        }
        self.link = Some(link);
        Ok(statements)
    }

    /// Acknowledges what was taken, once it is recorded.
    ///
    /// # Errors
    /// [`ConnectError`]: the statements come again, which does no harm.
    pub async fn settle(&mut self) -> Result<(), ConnectError> {
        if let Some(last) = self.last.take() {
            let options = BasicAckOptions { multiple: true };
            in_time(async { Ok(last.ack(options).await?) }).await?;
        }
        Ok(())
    }

    /// Closes the connection, if there is one.
    pub async fn close(&mut self) {
        self.last = None;
        if let Some(link) = self.link.take() {
            link.close().await;
        }
    }
}

/// Reads a statement. One that can't be read is left out: the next says the same and more.
fn statement(message: &BasicGetMessage) -> Option<Statement> {
    let read = serde_json::from_slice(&message.delivery.data);
    read.inspect_err(|error| tracing::error!(%error, "a statement to the ledger can't be read"))
        .ok()
}
