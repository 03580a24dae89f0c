//! Checks that each lasting queue has as many members as the cluster can give it, and that they
//! run.
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
use crate::metrics::MemberMetrics;
use crate::shards::ShardQueue;
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
    /// Each queue has enough, and one of them does not run.
    Away,
    /// Messages wait in a channel's queue that no worker consumes: it is beyond their number.
    Unconsumed,
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
    /// Those of them that run, where the broker says so.
    online: Option<Vec<String>>,
    #[serde(default)]
    messages: u64,
    #[serde(default)]
    consumers: u64,
}

/// The members of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    queue: &'static str,
    members: usize,
    online: usize,
    wanted: usize,
    /// Whether messages wait in a queue beyond the first of its channel, without a consumer.
    unconsumed: bool,
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
        let metrics = MemberMetrics::new();
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            ticks.tick().await;
            let found = match self.found().await {
                Ok(found) => report(&found, &metrics),
                Err(error) => {
                    tracing::warn!(%error, "the broker's management API can't be asked");
                    Membership::Unreachable
                }
            };
            says.send_replace(found);
        }
    }

    async fn found(&self) -> Result<Vec<Found>, ManagementError> {
        let nodes: Vec<Node> = self.0.nodes().await?;
        let queues: Vec<Queue> = self.0.queues().await?;
        Ok(found(nodes.len(), &queues))
    }
}

/// Logs and measures what is missing.
fn report(queues: &[Found], metrics: &MemberMetrics) -> Membership {
    let mut membership = Membership::Full;
    for found in queues {
        let Found {
            queue,
            members,
            online,
            wanted,
            unconsumed,
        } = *found;
        metrics.missing(queue, wanted.saturating_sub(members.min(online)));
        if found.is_thin() {
            membership = Membership::Thin;
            tracing::warn!(queue, members, wanted, "a queue has too few members");
        } else if found.is_away() {
            tracing::warn!(queue, online, wanted, "a member of a queue does not run");
            if membership == Membership::Full {
                membership = Membership::Away;
            }
        }
        if unconsumed {
            tracing::warn!(queue, "messages wait in a queue that no worker consumes");
            if membership == Membership::Full {
                membership = Membership::Unconsumed;
            }
        }
    }
    membership
}

impl Found {
    fn is_thin(&self) -> bool {
        self.members < self.wanted
    }

    fn is_away(&self) -> bool {
        self.online < self.members
    }
}

/// Returns the members of each queue. As many are wanted as there are nodes, three at most; a queue
/// that is not there has none. Those beyond the first of a channel need not be there.
fn found(nodes: usize, queues: &[Queue]) -> Vec<Found> {
    let find = |name: &str| queues.iter().find(|found| found.name == name);
    let lasting = Channel::ALL.map(queue_name).into_iter();
    let lasting = lasting.chain([DEAD_LETTER, UNROUTED, CHANNEL_SETTINGS, LEDGER]);
    let others = Channel::ALL.into_iter().flat_map(ShardQueue::others);
    let others = others.map(ShardQueue::name).filter(|name| find(name).is_some());
    let of = |name, is_other: bool| {
        let queue = find(name);
        let members = queue.map_or(0, |queue| queue.members.len());
        let online = queue.and_then(|queue| queue.online.as_ref());
        Found {
            queue: name,
            members,
            online: online.map_or(members, Vec::len),
            wanted: nodes.min(MEMBERS.into()),
            unconsumed: is_other && queue.is_some_and(|queue| queue.messages > 0 && queue.consumers == 0),
        }
    };
    let lasting = lasting.map(|name| of(name, false));
    lasting.chain(others.map(|name| of(name, true))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answer of a cluster of three (RabbitMQ 3.10.8): one queue was declared while the first node
    /// ran alone, and the third node was stopped.
    const OF_THREE_NODES: &str = include_str!("members/queues_of_three_nodes.json");

    fn of_three() -> Vec<Queue> {
        serde_json::from_str(OF_THREE_NODES).unwrap()
    }

    fn thin(nodes: usize, queues: &[Queue]) -> Vec<&'static str> {
        let found = found(nodes, queues);
        let thin = found.iter().filter(|found| found.is_thin());
        thin.map(|found| found.queue).collect()
    }

    #[test]
    fn a_queue_declared_while_one_of_three_nodes_ran_is_thin() {
        assert_eq!(thin(3, &of_three()), ["applications.citizen"]);
    }

    #[test]
    fn members_are_asked_for_as_far_as_there_are_nodes_and_three_at_most() {
        assert_eq!(thin(1, &of_three()), [""; 0]);
        assert_eq!(found(2, &of_three())[0].wanted, 2);
        assert_eq!(found(5, &of_three())[0].wanted, 3);
        assert_eq!(thin(1, &[]).len(), 6, "what is not there has no members");
    }

    #[test]
    fn messages_that_no_worker_takes_in_a_further_queue_are_noticed() {
        let queue = |name: &str, messages, consumers| Queue {
            name: name.into(),
            members: vec!["c1@localhost".into()],
            online: None,
            messages,
            consumers,
        };
        let mut queues = of_three();
        queues.extend([
            queue("applications.citizen.1", 7, 0),
            queue("applications.citizen.2", 7, 1),
            queue("applications.intermediary.3", 0, 0),
        ]);
        let found = found(1, &queues);
        let unconsumed = found.iter().filter(|found| found.unconsumed);
        let unconsumed: Vec<_> = unconsumed.map(|found| found.queue).collect();
        assert_eq!(unconsumed, ["applications.citizen.1"]);
        assert_eq!(found.len(), 9);
    }

    #[test]
    fn a_member_that_does_not_run_is_away() {
        let found = found(3, &of_three());
        let away = found.iter().filter(|found| found.is_away());
        let away: Vec<_> = away.map(|found| found.queue).collect();
        assert_eq!(away.len(), 5, "{away:?}");
        assert!(!away.contains(&"applications.citizen"));
    }
}
