//! The queues that share a channel's applications.
//!
//! A person belongs to one of 64 logical shards. A channel has N queues, N a divisor of 64, and the
//! applications of a shard go to the queue of its number modulo N. The first queue bears the
//! channel's own name, whatever N is: with one queue all is as without shards, and another N adds
//! queues or stops using some, but renames none.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use sportello_domain::{Channel, PerChannel, Shard};

const MOST: usize = Shard::COUNT as usize;
/// What the name of a channel's queue has before the routing key.
const PREFIX: &str = "applications.";

/// The names of all queues that there may be. Those of a channel are its own, then `….1` and so on.
static NAMES: LazyLock<PerChannel<Vec<String>>> = LazyLock::new(|| {
    PerChannel::from_fn(|channel| {
        let first = format!("{PREFIX}{}", channel.as_str());
        let others = (1..MOST).map(|index| format!("{first}.{index}"));
        std::iter::once(first.clone()).chain(others).collect()
    })
});

/// The number of queues of each channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards(u8);

/// A text that is not a number of queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the number of a channel's queues is 1, 2, 4, 8, 16, 32 or 64")]
pub struct ShardsError;

impl Default for Shards {
    fn default() -> Self {
        Self(1)
    }
}

impl FromStr for Shards {
    type Err = ShardsError;
    fn from_str(text: &str) -> Result<Self, ShardsError> {
        let count = text.parse().ok();
        count
            .filter(|count: &u8| count.is_power_of_two() && *count <= Shard::COUNT)
            .map(Self)
            .ok_or(ShardsError)
    }
}

impl fmt::Display for Shards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Shards {
    /// Returns whether each channel has one queue, so that no shard needs to be known.
    #[must_use]
    pub fn is_one(self) -> bool {
        self.0 == 1
    }

    /// Returns how many queues a channel has.
    #[must_use]
    pub fn count(self) -> usize {
        self.0.into()
    }

    /// Returns the queues of a channel, in the order of their numbers.
    pub fn queues(self, channel: Channel) -> impl Iterator<Item = ShardQueue> {
        (0..self.count()).map(move |index| ShardQueue { channel, index })
    }

    /// Returns the queues of all channels.
    pub(crate) fn all_queues(self) -> impl Iterator<Item = ShardQueue> {
        Channel::ALL
            .into_iter()
            .flat_map(move |channel| self.queues(channel))
    }

    /// Returns the number of the queue for the applications of a shard.
    pub(crate) fn index_of(self, shard: Shard) -> usize {
        usize::from(shard.number() & (self.0 - 1))
    }
}

/// One of a channel's queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardQueue {
    channel: Channel,
    index: usize,
}

impl ShardQueue {
    /// Returns the first queue of a channel, which is always there.
    #[must_use]
    pub fn first(channel: Channel) -> Self {
        Self { channel, index: 0 }
    }

    /// Returns all queues beyond the first that a channel may have.
    pub(crate) fn others(channel: Channel) -> impl Iterator<Item = Self> {
        (1..MOST).map(move |index| Self { channel, index })
    }

    /// Returns its channel.
    #[must_use]
    pub fn channel(self) -> Channel {
        self.channel
    }

    /// Returns whether it is the first of its channel.
    #[must_use]
    pub fn is_first(self) -> bool {
        self.index == 0
    }

    /// Returns its number among the queues of its channel, from 0.
    pub(crate) fn index(self) -> usize {
        self.index
    }

    /// Returns its name at the broker: `applications.citizen`, `applications.citizen.1` and so on.
    #[must_use]
    pub fn name(self) -> &'static str {
        &NAMES[self.channel][self.index]
    }

    /// Returns the routing key of its messages: `citizen`, `citizen.1` and so on.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.name().strip_prefix(PREFIX).unwrap_or_default()
    }

    /// Reads a routing key.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        let (channel, index) = match key.split_once('.') {
            None => (key, 0),
            Some((channel, index)) => (
                channel,
                index.parse().ok().filter(|index| (1..MOST).contains(index))?,
            ),
        };
        let channel = channel.parse().ok()?;
        Some(Self { channel, index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_divisor_of_64_is_a_number_of_queues() {
        for count in ["1", "2", "4", "8", "16", "32", "64"] {
            assert_eq!(count.parse::<Shards>().unwrap().to_string(), count);
        }
        for bad in ["", "0", "3", "-1", "128", "256", "4.0", "four"] {
            assert_eq!(bad.parse::<Shards>(), Err(ShardsError), "{bad}");
        }
    }

    #[test]
    fn the_first_queue_has_the_channels_own_name_at_any_number() {
        let names = |count: &str| {
            let queues = count.parse::<Shards>().unwrap().queues(Channel::Citizen);
            queues.map(ShardQueue::name).collect::<Vec<_>>()
        };
        assert_eq!(names("1"), ["applications.citizen"]);
        assert_eq!(names("2"), ["applications.citizen", "applications.citizen.1"]);
        assert_eq!(names("64").len(), 64);
        assert!(names("64").starts_with(&names("4")));
    }

    #[test]
    fn a_routing_key_names_its_queue_and_any_other_none() {
        for channel in Channel::ALL {
            for queue in "64".parse::<Shards>().unwrap().queues(channel) {
                assert_eq!(ShardQueue::of_key(queue.key()), Some(queue));
                assert_eq!(queue.name(), format!("applications.{}", queue.key()));
            }
        }
        for other in [
            "",
            "citizens",
            "citizen.",
            "citizen.0",
            "citizen.64",
            "citizen.1.1",
            ".1",
        ] {
            assert_eq!(ShardQueue::of_key(other), None, "{other}");
        }
    }

    #[test]
    fn all_queues_have_equally_many_of_the_64_shards() {
        for count in ["1", "4", "64"] {
            let shards: Shards = count.parse().unwrap();
            let mut numbers = vec![0; shards.count()];
            for shard in (0..Shard::COUNT).map(Shard::of_number) {
                numbers[shards.index_of(shard)] += 1;
            }
            assert!(
                numbers.iter().all(|of| of * shards.count() == MOST),
                "{numbers:?}"
            );
        }
    }
}
