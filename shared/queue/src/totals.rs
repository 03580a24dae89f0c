//! All messages that the broker has in each queue: those that wait, those that consumers have in
//! hand, and those on their way to the dead letters.

use std::time::Duration;

use serde::Deserialize;
use sportello_domain::{Channel, PerChannel};

use crate::management::{Management, ManagementError};
use crate::topology::{DEAD_LETTER, UNROUTED, queue_name};

/// Limit for one reading.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The messages in each queue. The broker counts a quorum queue every five seconds, so a reading
/// may be so old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// In the queue of each channel.
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
    let messages = |name: &'static str| {
        let found = queues.iter().find(|queue| queue.name == name);
        found
            .filter(|queue| queue.state.as_deref() == Some("running"))
            .and_then(|queue| queue.messages)
            .ok_or(TotalsError::NotCounted(name))
    };
    let mut channels = PerChannel::default();
    for channel in Channel::ALL {
        channels[channel] = messages(queue_name(channel))?;
    }
    Ok(Totals {
        channels,
        dead_letter: messages(DEAD_LETTER)?,
        unrouted: messages(UNROUTED)?,
        uptime: Duration::from_millis(uptime),
    })
}
