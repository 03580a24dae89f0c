//! What is done to the system while applications arrive: a closed set, in a file for each family.
//!
//! To add one: a line in its family's `FAULTS`, and what it does there. It is then in the matrix, in the random
//! sequences if it can be, in the tests, and has to have its row in `docs/RELIABILITY.md`.

pub mod content;
pub mod network;
pub mod process;
pub mod resources;
pub mod rolling;

use std::fmt;
use std::time::Duration;

use crate::open_loop::Schedule;
use crate::promises::Promise;
use crate::scene::Scene;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name for the command line and the table: what, then how, as in `postgres-killed`.
    pub name: &'static str,
    /// What is done, and how it is undone, in one sentence.
    pub sentence: &'static str,
    /// What is promised of the answers while it lasts. Whatever it is, nothing is lost, nothing is registered twice, and
    /// everybody is accepted in the end.
    pub promise: Promise,
    /// Where it strikes: two that strike the same part do not come at once.
    pub place: Place,
    /// The doing.
    pub does: Does,
}

/// What a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The worker, or its ways to broker and database.
    Worker,
    /// Intake, or its way to the broker.
    Intake,
    /// The benefits database.
    Postgres,
    /// The broker.
    RabbitMq,
    /// The status service.
    Status,
    /// The queues' contents.
    Queues,
    /// All of it.
    Everything,
}

/// The doing, by family. Each is told what to do in this order: prepare, begin, end, leave.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// To processes.
    Process(process::Does),
    /// To connections.
    Network(network::Does),
    /// To disk, memory and clock.
    Resources(resources::Does),
    /// To what is in the queues.
    Content(content::Does),
    /// To every process, one after the other.
    Rolling(rolling::Does),
}

impl Does {
    /// Brings the system into the form that the fault needs under this load, before any application arrives. Nothing where
    /// it is so already.
    pub(crate) async fn prepare(self, scene: &mut Scene, load: Schedule) -> anyhow::Result<()> {
        match self {
            Self::Process(_) | Self::Content(_) => Ok(()),
            Self::Network(does) => does.prepare(scene).await,
            Self::Resources(does) => does.prepare(scene, load).await,
            Self::Rolling(does) => does.prepare(scene).await,
        }
    }

    /// Does it.
    pub(crate) async fn begin(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Process(does) => does.begin(scene).await,
            Self::Network(does) => does.begin(scene).await,
            Self::Resources(does) => does.begin(scene).await,
            Self::Content(does) => does.begin(scene).await,
            Self::Rolling(does) => does.begin(scene).await,
        }
    }

    /// Undoes it. Returns when what was struck is ready again.
    pub(crate) async fn end(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Process(does) => does.end(scene).await,
            Self::Network(does) => does.end(scene).await,
            Self::Resources(does) => does.end(scene).await,
            Self::Content(_) | Self::Rolling(_) => Ok(()),
        }
    }

    /// Whether doing it ends with everything ready again, so that nothing is left to undo.
    #[must_use]
    pub fn mends_itself(self) -> bool {
        match self {
            Self::Process(does) => does.mends_itself(),
            Self::Network(_) | Self::Resources(_) => false,
            Self::Content(_) | Self::Rolling(_) => true,
        }
    }

    /// Whether it may come by chance, beside others, in a load of so long.
    pub(crate) fn comes_by_chance(self, load: Duration) -> bool {
        match self {
            Self::Process(_) | Self::Network(_) | Self::Content(_) => true,
            Self::Resources(does) => does.comes_by_chance(load),
            Self::Rolling(_) => false,
        }
    }

    /// Once everything accepted is registered: leaves the system as it was before [`Does::prepare`]. Gives what is
    /// not as this very fault promises, each in a sentence.
    pub(crate) async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Process(_) => Ok(Vec::new()),
            Self::Network(does) => does.leave(scene).await,
            Self::Resources(does) => does.leave(scene).await,
            Self::Content(does) => does.leave(scene).await,
            Self::Rolling(does) => does.leave(scene).await,
        }
    }
}

impl Fault {
    /// Those that may come by chance, several at once too, in a load of so long.
    pub(crate) fn by_chance(load: Duration) -> impl Iterator<Item = &'static Self> {
        Self::all().filter(move |fault| fault.does.comes_by_chance(load))
    }

    /// All of them, in the order of the matrix.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        process::FAULTS
            .iter()
            .chain(network::FAULTS)
            .chain(resources::FAULTS)
            .chain(content::FAULTS)
            .chain(rolling::FAULTS)
    }

    /// The one with this name.
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
