//! Three broker nodes and a database with its standby: nodes are killed, frozen, cut off and
//! restarted.

use std::time::Duration;

use sportello_faults::Manner;
use tokio::time::timeout;

use super::{Fault, Place};
use crate::faults::scene::Scene;
use crate::proof::promises::Promise;

/// The queue whose leader is struck.
const QUEUE: &str = "applications.citizen";
/// Limit until all queues have all their members again.
const WHOLE_WITHIN: Duration = Duration::from_secs(120);
/// Limit until a queue has a leader, as after the last fault.
const LED_WITHIN: Duration = Duration::from_secs(30);

/// A fault of the cluster.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// Nodes of the broker, by their distance from the leader of the citizens' queue.
    Nodes(&'static [usize], How),
    /// The leader's node and the others exchange nothing; clients reach all of them.
    LeaderCutOff,
    /// The database's primary is killed, and its standby promoted.
    Failover,
    /// Each broker node in turn is drained, stopped and started.
    RollingRestart,
}

/// What is done to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Killed (`kill -9`) and started.
    Killed,
    /// Frozen (SIGSTOP) and resumed (SIGCONT).
    Frozen,
}

/// The faults of this family.
pub const FAULTS: &[Fault] = &[
    fault(
        "cluster-leader-killed",
        "The broker node that leads the citizens' queue is killed (`kill -9`) and started again.",
        Promise::LaterForASecond,
        Does::Nodes(&[0], How::Killed),
    ),
    fault(
        "cluster-second-killed",
        "Another broker node is killed (`kill -9`) and started again.",
        Promise::LaterForASecond,
        Does::Nodes(&[1], How::Killed),
    ),
    fault(
        "cluster-third-killed",
        "The third broker node is killed (`kill -9`) and started again.",
        Promise::LaterForASecond,
        Does::Nodes(&[2], How::Killed),
    ),
    fault(
        "cluster-leader-frozen",
        "The broker node that leads the citizens' queue is frozen and resumed.",
        Promise::AcceptedOrLater,
        Does::Nodes(&[0], How::Frozen),
    ),
    fault(
        "cluster-second-frozen",
        "Another broker node is frozen and resumed.",
        Promise::AcceptedOrLater,
        Does::Nodes(&[1], How::Frozen),
    ),
    fault(
        "cluster-third-frozen",
        "The third broker node is frozen and resumed.",
        Promise::AcceptedOrLater,
        Does::Nodes(&[2], How::Frozen),
    ),
    fault(
        "cluster-leader-cut-off",
        "No traffic passes between the node that leads the citizens' queue and the other two; clients reach all three.",
        Promise::AcceptedOrLater,
        Does::LeaderCutOff,
    ),
    fault(
        "cluster-two-killed",
        "Two of three broker nodes are killed (`kill -9`), the leader among them, and started again.",
        Promise::AcceptedOrLater,
        Does::Nodes(&[0, 1], How::Killed),
    ),
    fault(
        "cluster-rolling-restart",
        "The three broker nodes are drained, stopped and started, one after the other.",
        Promise::NoFailedRequest,
        Does::RollingRestart,
    ),
    fault(
        "cluster-database-failover",
        "The database's primary is killed (`kill -9`) and its standby promoted; then it comes back as the new standby.",
        Promise::Accepted,
        Does::Failover,
    ),
];

const fn fault(name: &'static str, sentence: &'static str, promise: Promise, does: Does) -> Fault {
    Fault {
        name,
        sentence,
        promise,
        place: match does {
            Does::Failover => Place::Postgres,
            Does::Nodes(..) | Does::LeaderCutOff | Does::RollingRestart => Place::RabbitMq,
        },
        does: super::Does::Cluster(does),
    }
}

impl Does {
    pub(super) fn mends_itself(self) -> bool {
        matches!(self, Self::RollingRestart)
    }

    /// A silent node counts as gone after five to seven seconds.
    pub(super) fn shortest(self) -> Duration {
        match self {
            Self::LeaderCutOff => Duration::from_secs(12),
            Self::Nodes(..) | Self::Failover | Self::RollingRestart => Duration::ZERO,
        }
    }

    pub(super) fn load_factor(self) -> u32 {
        match self {
            Self::LeaderCutOff => 2,
            Self::RollingRestart => 4,
            Self::Nodes(..) | Self::Failover => 1,
        }
    }

    pub(super) async fn begin(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Nodes(distances, how) => {
                let leader = leader(scene).await?;
                for distance in distances {
                    let nodes = scene.system.cluster().all();
                    let node = &nodes[(leader + distance) % nodes.len()];
                    match how {
                        How::Killed => node.kill().await?,
                        How::Frozen => node.process().freeze(),
                    }
                }
                Ok(())
            }
            Self::LeaderCutOff => {
                let leader = leader(scene).await?;
                for (link, proxies) in &scene.links {
                    if [link.from, link.to].contains(&leader) {
                        proxies.iter().for_each(|proxy| proxy.set(Manner::Silent));
                    }
                }
                Ok(())
            }
            Self::Failover => {
                scene.system.pair().primary().process().kill().await?;
                Ok(scene.system.pair().fail_over()?)
            }
            Self::RollingRestart => {
                for node in 0..scene.system.cluster().all().len() {
                    scene.system.cluster().nodes()[node].drain()?;
                    scene.system.cluster().nodes()[node].stop().await?;
                    scene.system.cluster().nodes()[node].start().await?;
                    // before that the next one's end could leave a queue without a majority
                    scene.system.cluster().wait_whole(WHOLE_WITHIN).await?;
                }
                Ok(())
            }
        }
    }

    pub(super) async fn end(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Nodes(..) => {
                // resumes frozen ones
                scene.system.cluster().start().await?;
            }
            Self::LeaderCutOff => {
                let proxies = scene.links.iter().flat_map(|(_, proxies)| proxies);
                proxies.for_each(|proxy| proxy.set(Manner::Pass));
                // the node that was cut off has paused
                scene.system.cluster().start().await?;
            }
            Self::Failover => return Ok(scene.system.start_postgres().await?),
            Self::RollingRestart => return Ok(()),
        }
        Ok(scene.system.cluster().wait_whole(WHOLE_WITHIN).await?)
    }
}

/// Returns the node that leads the citizens' queue, once it has a leader.
async fn leader(scene: &mut Scene) -> anyhow::Result<usize> {
    let cluster = scene.system.cluster();
    let looking = async {
        loop {
            match cluster.leader(QUEUE).await {
                Ok(leader) => return leader,
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    };
    match timeout(LED_WITHIN, looking).await {
        Ok(leader) => Ok(leader),
        // with the reason
        Err(_) => Ok(cluster.leader(QUEUE).await?),
    }
}
