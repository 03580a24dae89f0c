//! Counts the messages that wait.

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use sportello_domain::{Channel, PerChannel};

use crate::broker::{BrokerUri, ConnectError, Link, in_time};
use crate::topology::{DEAD_LETTER, UNROUTED, queue_name};

/// Messages that wait in each queue, without those that a consumer has unacknowledged.
///
/// Right after a restart a recovering queue reports 0: that does not mean drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depths {
    /// In the queue of each channel.
    pub channels: PerChannel<u32>,
    /// In the dead-letter queue.
    pub dead_letter: u32,
    /// In the queue of unrouted messages.
    pub unrouted: u32,
}

impl Depths {
    /// Returns the messages in each queue, by its name.
    #[must_use]
    pub fn by_queue(&self) -> Vec<(&'static str, u32)> {
        let channels = self.channels.iter();
        let channels = channels.map(|(channel, messages)| (queue_name(channel), *messages));
        let others = [(DEAD_LETTER, self.dead_letter), (UNROUTED, self.unrouted)];
        channels.chain(others).collect()
    }

    /// Returns the messages in the queue of this channel.
    #[must_use]
    pub fn of(&self, channel: Channel) -> u32 {
        self.channels[channel]
    }
}

/// Counts again and again, over one connection.
pub struct DepthProbe {
    uri: BrokerUri,
    name: String,
    link: Option<Link>,
}

impl DepthProbe {
    /// Makes a probe that connects with the first count. `name` is part of the connection's name at
    /// the broker.
    #[must_use]
    pub fn new(uri: BrokerUri, name: &str) -> Self {
        Self {
            uri,
            name: format!("{name} (counts messages)"),
            link: None,
        }
    }

    /// Returns how many messages wait.
    ///
    /// # Errors
    /// [`ConnectError`] where the broker can't be asked. The next call connects anew.
    pub async fn depths(&mut self) -> Result<Depths, ConnectError> {
        // taken until all went well: a link after an error is never used again
        let link = match self.link.take().filter(Link::is_open) {
            Some(link) => link,
            None => Link::open(&self.uri, &self.name).await?,
        };
        let depths = in_time(async {
            let mut channels = PerChannel::default();
            for channel in Channel::ALL {
                channels[channel] = depth(&link, queue_name(channel)).await?;
            }
            Ok(Depths {
                channels,
                dead_letter: depth(&link, DEAD_LETTER).await?,
                unrouted: depth(&link, UNROUTED).await?,
            })
        })
        .await?;
        self.link = Some(link);
        Ok(depths)
    }

    /// Closes the connection, if there is one.
    pub async fn close(self) {
        if let Some(link) = self.link {
            link.close().await;
        }
    }
}

/// Counts the messages once.
///
/// # Errors
/// [`ConnectError`] where the broker can't be asked.
pub async fn depths(uri: &BrokerUri) -> Result<Depths, ConnectError> {
    let mut probe = DepthProbe::new(uri.clone(), "once");
    let depths = probe.depths().await;
    probe.close().await;
    depths
}

async fn depth(link: &Link, queue: &'static str) -> Result<u32, ConnectError> {
    let options = QueueDeclareOptions {
        passive: true,
        ..Default::default()
    };
    let queue = link
        .channel
        .queue_declare(queue.into(), options, FieldTable::default())
        .await?;
    Ok(queue.message_count())
}
