//! How many messages wait.

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use sportello_domain::Channel;

use crate::broker::{BrokerUri, ConnectError, Link};
use crate::topology::{DEAD_LETTER, UNROUTED, queue_name};

/// Messages that wait in each queue, without those that a consumer has taken and not acknowledged.
///
/// Right after a restart a queue says 0 while it recovers: 0 then doesn't mean drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depths {
    /// In the citizens' queue.
    pub citizen: u32,
    /// In the intermediaries' queue.
    pub intermediary: u32,
    /// In the dead-letter queue.
    pub dead_letter: u32,
    /// In the queue of what no queue took.
    pub unrouted: u32,
}

impl Depths {
    /// In the queue of this channel.
    #[must_use]
    pub fn of(&self, channel: Channel) -> u32 {
        match channel {
            Channel::Citizen => self.citizen,
            Channel::Intermediary => self.intermediary,
        }
    }
}

/// Asks the broker, over a connection of its own.
///
/// # Errors
/// [`ConnectError`] where the broker can't be asked.
pub async fn depths(uri: &BrokerUri) -> Result<Depths, ConnectError> {
    let link = Link::open(uri, "depths").await?;
    let depths = Depths {
        citizen: depth(&link, queue_name(Channel::Citizen)).await?,
        intermediary: depth(&link, queue_name(Channel::Intermediary)).await?,
        dead_letter: depth(&link, DEAD_LETTER).await?,
        unrouted: depth(&link, UNROUTED).await?,
    };
    link.close().await;
    Ok(depths)
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
