//! Checks that each lasting queue has as many members as the cluster can give it.
//!
//! A quorum queue gets its members when it is declared, on the nodes that run at the time, and no
//! more by itself later. A queue declared while one node of three ran alone stays on one disk for
//! ever. AMQP does not report that; the management API does, to any user with the tag `monitoring`.

use std::time::Duration;

use serde::Deserialize;
use sportello_domain::Channel;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::management::{Management, ManagementError};
use crate::topology::{CHANNEL_SETTINGS, DEAD_LETTER, LEDGER, MEMBERS, UNROUTED, queue_name};

const EVERY: Duration = Duration::from_secs(60);

/// The last finding about the queues' members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// The management API was not asked yet.
    Unknown,
    /// Each queue has as many members as the cluster has nodes, three at most.
    Full,
    /// A queue has fewer, or is not there.
    Thin,
    /// The management API can't be asked.
    Unreachable,
}

/// Looks at the queues' members each minute, until it is dropped.
#[derive(Debug)]
pub struct Members {
    known: watch::Receiver<Membership>,
    _task: DropGuard,
}

#[derive(Debug, Deserialize)]
struct Node {}

#[derive(Debug, Deserialize)]
struct Queue {
    name: String,
    #[serde(default)]
    members: Vec<String>,
}

/// A queue with too few members.
#[derive(Debug, PartialEq, Eq)]
struct Thin {
    queue: &'static str,
    members: usize,
    wanted: usize,
}

impl Members {
    /// Starts looking on the current runtime.
    #[must_use]
    pub fn watch(management: Management) -> Self {
        let watch = Watch(management);
        let (says, known) = watch::channel(Membership::Unknown);
        let closing = CancellationToken::new();
        let until_closed = closing.clone();
        tokio::spawn(async move { until_closed.run_until_cancelled(watch.look(says)).await });
        Self {
            known,
            _task: closing.drop_guard(),
        }
    }

    /// Returns the last finding.
    #[must_use]
    pub fn now(&self) -> Membership {
        *self.known.borrow()
    }
}

struct Watch(Management);

impl Watch {
    async fn look(&self, says: watch::Sender<Membership>) {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            ticks.tick().await;
            let found = self.membership().await;
            says.send_replace(found);
        }
    }

    async fn membership(&self) -> Membership {
        let answers = async {
            let nodes: Vec<Node> = self.0.nodes().await?;
            let queues: Vec<Queue> = self.0.queues().await?;
            Ok::<_, ManagementError>(thin(nodes.len(), &queues))
        };
        match answers.await {
            Ok(thin) if thin.is_empty() => Membership::Full,
            Ok(thin) => {
                for Thin {
                    queue,
                    members,
                    wanted,
                } in thin
                {
                    tracing::warn!(queue, members, wanted, "a queue has too few members");
                }
                Membership::Thin
            }
            Err(error) => {
                tracing::warn!(%error, "the broker's management API can't be asked");
                Membership::Unreachable
            }
        }
    }
}

/// Returns the queues that have fewer members than there are nodes, three at most; missing queues
/// have none.
fn thin(nodes: usize, queues: &[Queue]) -> Vec<Thin> {
    let wanted = nodes.min(MEMBERS.into());
    let lasting = Channel::ALL.map(queue_name);
    let lasting = lasting
        .into_iter()
        .chain([DEAD_LETTER, UNROUTED, CHANNEL_SETTINGS, LEDGER]);
    lasting
        .map(|queue| Thin {
            queue,
            members: (queues.iter().find(|found| found.name == queue)).map_or(0, |found| found.members.len()),
            wanted,
        })
        .filter(|thin| thin.members < wanted)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answer of a cluster of three (RabbitMQ 3.10.8): one queue was declared while the first node
    /// ran alone.
    const OF_THREE_NODES: &str = include_str!("members/queues_of_three_nodes.json");

    fn of_three() -> Vec<Queue> {
        serde_json::from_str(OF_THREE_NODES).unwrap()
    }

    #[test]
    fn a_queue_declared_while_one_of_three_nodes_ran_is_thin() {
        let thin = thin(3, &of_three());
        let expected = Thin {
            queue: "applications.citizen",
            members: 1,
            wanted: 3,
        };
        assert_eq!(thin, [expected]);
    }

    #[test]
    fn members_are_asked_for_as_far_as_there_are_nodes_and_three_at_most() {
        assert_eq!(thin(1, &of_three()), []);
        assert_eq!(thin(2, &of_three())[0].wanted, 2);
        assert_eq!(thin(5, &of_three())[0].wanted, 3);
        assert_eq!(thin(1, &[]).len(), 6, "what is not there has no members");
    }
}
