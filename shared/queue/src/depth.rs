//! Counts the messages that wait.

use sportello_domain::{Channel, PerChannel};

use crate::broker::{BrokerUri, ConnectError, Link, in_time};
use crate::shards::ShardQueue;
use crate::topology::{DEAD_LETTER, UNROUTED, is_missing, look_for, queue_name};

/// Messages that wait in each queue, without those that a consumer has unacknowledged.
///
/// Right after a restart a recovering queue reports 0: that does not mean drained.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Depths {
    /// In the queues of each channel.
    pub channels: PerChannel<u32>,
    /// In the dead-letter queue.
    pub dead_letter: u32,
    /// In the queue of unrouted messages.
    pub unrouted: u32,
    /// In each queue beyond the first of its channel; they are in the channel's sum, too.
    others: Vec<(ShardQueue, u32)>,
}

impl Depths {
    fn add(&mut self, queue: ShardQueue, messages: u32) {
        self.channels[queue.channel()] += messages;
        if !queue.is_first() {
            self.others.push((queue, messages));
        }
    }

    /// Returns the messages in each queue, by its name.
    #[must_use]
    pub fn by_queue(&self) -> Vec<(&'static str, u32)> {
        let firsts = self.channels.iter().map(|(channel, messages)| {
            let others = self.others.iter();
            let of_channel = others.filter(|(queue, _)| queue.channel() == channel);
            let in_others: u32 = of_channel.map(|(_, messages)| messages).sum();
            (queue_name(channel), messages - in_others)
        });
        let others = self
            .others
            .iter()
            .map(|(queue, messages)| (queue.name(), *messages));
        let waiting = [(DEAD_LETTER, self.dead_letter), (UNROUTED, self.unrouted)];
        firsts.chain(others).chain(waiting).collect()
    }

    /// Returns the messages in all queues of this channel.
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
            let mut depths = Depths {
                dead_letter: depth(&link, DEAD_LETTER).await?,
                unrouted: depth(&link, UNROUTED).await?,
                ..Depths::default()
            };
            let shards = self.uri.shards();
            for queue in shards.all_queues() {
                let messages = if shards.is_one() {
                    depth(&link, queue.name()).await?
                } else {
                    depth_of_shard(&link, queue).await?
                };
                depths.add(queue, messages);
            }
            Ok(depths)
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
    Ok(look_for(&link.channel, queue).await?.message_count())
}

/// Counts one of several queues of a channel. A lost one holds nothing, and does not keep the
/// others from being counted: it is looked for on an AMQP channel of its own, which that may end.
async fn depth_of_shard(link: &Link, queue: ShardQueue) -> Result<u32, ConnectError> {
    let amqp = link.connection.create_channel().await?;
    match look_for(&amqp, queue.name()).await {
        Ok(found) => {
            amqp.close(200, "OK".into()).await?;
            Ok(found.message_count())
        }
        Err(error) if is_missing(&error) => Ok(0),
        Err(error) => Err(error.into()),
    }
}
