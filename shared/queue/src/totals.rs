//! All messages that the broker has in each queue: those that wait, those that consumers have in
//! hand, and those on their way to the dead letters.

use std::time::Duration;

use serde::Deserialize;
use sportello_domain::{Channel, PerChannel};

use crate::management::{Management, ManagementError};
use crate::shards::ShardQueue;
use crate::topology::{DEAD_LETTER, UNROUTED, queue_name};

/// Limit for one reading.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The messages in each queue. The broker counts a quorum queue every five seconds, so a reading
/// may be so old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// In the queues of each channel: all that there are, those that nobody is configured for too.
    pub channels: PerChannel<u64>,
    /// In the dead-letter queue.
    pub dead_letter: u64,
    /// In the queue of unrouted messages.
    pub unrouted: u64,
    /// Time for which each of the broker's nodes has run, at least.
    pub uptime: Duration,
}

/// Why there is no reading.
#[derive(Debug, thiserror::Error)]
pub enum TotalsError {
    /// The management API can't be asked.
    #[error("the broker's management API can't be asked: {0}")]
    Management(String),
    /// It did not answer in time.
    #[error("the broker's management API didn't answer within {} s", TIMEOUT.as_secs())]
    Timeout,
    /// A queue is missing, has no leader, or is not counted.
    #[error("the broker does not count the messages of {0} now")]
    NotCounted(&'static str),
    /// A node is not running.
    #[error("a node of the broker is not running")]
    Node,
}

impl From<ManagementError> for TotalsError {
    fn from(error: ManagementError) -> Self {
        Self::Management(error.to_string())
    }
}

/// Reads the totals.
#[derive(Debug, Clone)]
pub struct TotalsProbe(Management);

#[derive(Deserialize)]
struct Node {
    running: bool,
    /// In milliseconds.
    #[serde(default)]
    uptime: u64,
}

#[derive(Deserialize)]
struct Queue {
    name: String,
    state: Option<String>,
    messages: Option<u64>,
}

impl TotalsProbe {
    /// Makes a probe.
    #[must_use]
    pub fn new(management: Management) -> Self {
        Self(management)
    }

    /// Reads the totals once.
    ///
    /// # Errors
    /// [`TotalsError`]: nothing is known about the queues now.
    pub async fn read(&self) -> Result<Totals, TotalsError> {
        let reading = async {
            let nodes: Vec<Node> = self.0.nodes().await?;
            let queues: Vec<Queue> = self.0.queue_totals().await?;
            totals(&nodes, &queues)
        };
        tokio::time::timeout(TIMEOUT, reading)
            .await
            .unwrap_or(Err(TotalsError::Timeout))
    }
}

fn totals(nodes: &[Node], queues: &[Queue]) -> Result<Totals, TotalsError> {
    if !nodes.iter().all(|node| node.running) {
        return Err(TotalsError::Node);
    }
    let uptime = nodes.iter().map(|node| node.uptime).min().unwrap_or_default();
    let find = |name: &str| queues.iter().find(|queue| queue.name == name);
    let messages = |name: &'static str| {
        find(name)
            .filter(|queue| queue.state.as_deref() == Some("running"))
            .and_then(|queue| queue.messages)
            .ok_or(TotalsError::NotCounted(name))
    };
    let mut channels = PerChannel::default();
    for channel in Channel::ALL {
        channels[channel] = messages(queue_name(channel))?;
        let others = ShardQueue::others(channel).map(ShardQueue::name);
        for other in others.filter(|name| find(name).is_some()) {
            channels[channel] += messages(other)?;
        }
    }
    Ok(Totals {
        channels,
        dead_letter: messages(DEAD_LETTER)?,
        unrouted: messages(UNROUTED)?,
        uptime: Duration::from_millis(uptime),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(name: &str, messages: u64) -> Queue {
        Queue {
            name: name.into(),
            state: Some("running".into()),
            messages: Some(messages),
        }
    }

    fn lasting() -> Vec<Queue> {
        let names = [
            "applications.citizen",
            "applications.intermediary",
            DEAD_LETTER,
            UNROUTED,
        ];
        names.into_iter().map(|name| queue(name, 1)).collect()
    }

    #[test]
    fn all_queues_of_a_channel_count_whatever_is_configured() {
        let mut queues = lasting();
        assert_eq!(totals(&[], &queues).unwrap().channels[Channel::Citizen], 1);
        queues.extend([
            queue("applications.citizen.3", 20),
            queue("applications.citizen.63", 300),
        ]);
        queues.push(queue("applications.citizen.copy", 4_000));
        let totals = totals(&[], &queues).unwrap();
        assert_eq!(totals.channels[Channel::Citizen], 321);
        assert_eq!(totals.channels[Channel::Intermediary], 1);
    }

    #[test]
    fn a_queue_that_is_there_and_not_counted_leaves_no_total() {
        let mut queues = lasting();
        queues.push(Queue {
            state: Some("down".into()),
            ..queue("applications.citizen.1", 0)
        });
        let error = totals(&[], &queues).unwrap_err();
        assert!(
            matches!(error, TotalsError::NotCounted("applications.citizen.1")),
            "{error}"
        );
    }
}
