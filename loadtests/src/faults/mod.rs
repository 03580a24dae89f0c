//! Faults while applications arrive: a closed set, with a file for each family.
//!
//! To add one, add a line to its family's `FAULTS` and its action there. The matrix, the tests and
//! (if possible) the random sequences then include it, and it needs a row in
//! `docs/reliability-table.md`.

pub mod cluster;
pub mod content;
pub mod laboratory;
pub mod matrix;
pub mod network;
pub(crate) mod poison;
pub mod process;
pub mod random;
pub mod reliability;
pub mod report;
pub mod resources;
pub mod rolling;
pub mod scene;

use std::fmt;
use std::time::Duration;

use crate::faults::scene::Scene;
use crate::http::open_loop::Schedule;
use crate::proof::promises::Promise;

/// A fault.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name for the command line and the table: part, then action, as in `postgres-killed`.
    pub name: &'static str,
    /// Its action and how it is undone, in one sentence.
    pub sentence: &'static str,
    /// The promise for answers while it lasts. In every fault nothing is lost, nothing is
    /// registered twice, and every caller is accepted in the end.
    pub promise: Promise,
    /// The part that it strikes: two faults of one part never run at once.
    pub place: Place,
    /// The action.
    pub does: Does,
}

/// The part that a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The worker, or its connections to broker and database.
    Worker,
    /// Intake, or its connection to the broker.
    Intake,
    /// The benefits database.
    Postgres,
    /// The broker.
    RabbitMq,
    /// The status service.
    Status,
    /// The queues' contents.
    Queues,
    /// The whole system.
    Everything,
}

/// The action, by family. The order of calls is prepare, begin, end, leave.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// On processes.
    Process(process::Does),
    /// On connections.
    Network(network::Does),
    /// On disk, memory and clock.
    Resources(resources::Does),
    /// On the queues' contents.
    Content(content::Does),
    /// On every process, one after the other.
    Rolling(rolling::Does),
    /// On nodes of a cluster.
    Cluster(cluster::Does),
}

impl Does {
    /// Prepares the system for the fault under this load, before any application arrives.
    pub(crate) async fn prepare(self, scene: &mut Scene, load: Schedule) -> anyhow::Result<()> {
        match self {
            Self::Process(_) | Self::Content(_) | Self::Cluster(_) => Ok(()),
            Self::Network(does) => does.prepare(scene).await,
            Self::Resources(does) => does.prepare(scene, load).await,
            Self::Rolling(does) => does.prepare(scene).await,
        }
    }

    /// Begins the fault.
    pub(crate) async fn begin(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Process(does) => does.begin(scene).await,
            Self::Network(does) => does.begin(scene).await,
            Self::Resources(does) => does.begin(scene).await,
            Self::Content(does) => does.begin(scene).await,
            Self::Rolling(does) => does.begin(scene).await,
            Self::Cluster(does) => does.begin(scene).await,
        }
    }

    /// Ends the fault. Returns when the part is ready again.
    pub(crate) async fn end(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Process(does) => does.end(scene).await,
            Self::Network(does) => does.end(scene).await,
            Self::Resources(does) => does.end(scene).await,
            Self::Cluster(does) => does.end(scene).await,
            Self::Content(_) | Self::Rolling(_) => Ok(()),
        }
    }

    /// Returns whether the fault repairs itself, so that nothing is left to undo.
    #[must_use]
    pub fn mends_itself(self) -> bool {
        match self {
            Self::Process(does) => does.mends_itself(),
            Self::Network(_) | Self::Resources(_) => false,
            Self::Content(_) | Self::Rolling(_) => true,
            Self::Cluster(does) => does.mends_itself(),
        }
    }

    /// Returns the shortest duration in which it shows what it does.
    pub(crate) fn shortest(self) -> Duration {
        match self {
            Self::Cluster(does) => does.shortest(),
            Self::Process(_)
            | Self::Network(_)
            | Self::Resources(_)
            | Self::Content(_)
            | Self::Rolling(_) => Duration::ZERO,
        }
    }

    /// Returns how many times as long as for other faults the load must be.
    #[must_use]
    pub fn load_factor(self) -> u32 {
        match self {
            Self::Cluster(does) => does.load_factor(),
            Self::Process(_)
            | Self::Network(_)
            | Self::Resources(_)
            | Self::Content(_)
            | Self::Rolling(_) => 1,
        }
    }

    /// Returns whether a random sequence of this load may include it, beside others.
    pub(crate) fn comes_by_chance(self, load: Duration) -> bool {
        match self {
            Self::Process(_) | Self::Network(_) | Self::Content(_) => true,
            Self::Resources(does) => does.comes_by_chance(load),
            Self::Rolling(_) | Self::Cluster(_) => false,
        }
    }

    /// Restores the system to its state before [`Does::prepare`], once all accepted applications
    /// are registered. Returns each broken promise of this fault as a sentence.
    pub(crate) async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Process(_) | Self::Cluster(_) => Ok(Vec::new()),
            Self::Network(does) => does.leave(scene).await,
            Self::Resources(does) => does.leave(scene).await,
            Self::Content(does) => does.leave(scene).await,
            Self::Rolling(does) => does.leave(scene).await,
        }
    }
}

impl Fault {
    /// Returns the faults for random sequences of this load.
    pub(crate) fn by_chance(load: Duration) -> impl Iterator<Item = &'static Self> {
        Self::all().filter(move |fault| fault.does.comes_by_chance(load))
    }

    /// Returns all faults, in the order of the matrix.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        process::FAULTS
            .iter()
            .chain(network::FAULTS)
            .chain(resources::FAULTS)
            .chain(content::FAULTS)
            .chain(rolling::FAULTS)
            .chain(cluster::FAULTS)
    }

    /// Returns whether it needs three broker nodes and a database with its standby.
    #[must_use]
    pub fn needs_cluster(&self) -> bool {
        matches!(self.does, Does::Cluster(_))
    }

    /// Returns the fault with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|fault| fault.name == name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        let names: Vec<_> = Fault::all().map(|fault| fault.name).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        for name in names {
            assert_eq!(Fault::named(name).map(|fault| fault.name), Some(name));
        }
    }
}
