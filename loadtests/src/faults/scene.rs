//! The scene of faults: a private system, and the state that faults keep.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use sportello_faults::{FakeClock, Proxy};
use sportello_stack::Part;

use crate::faults::poison::Poison;
use crate::system::nginx::Nginx;
use crate::system::private_system::{Links, PrivateSystem};

/// RabbitMQ persists a quorum queue's name some three seconds after its declaration; a node killed
/// earlier loses the queue. Systems in service are older.
const QUEUES_LAST_AFTER: Duration = Duration::from_secs(6);

/// The connections of one part to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wire {
    /// From intake to the broker.
    IntakeRabbitMq,
    /// From the worker to the broker.
    WorkerRabbitMq,
    /// From the worker to the benefits database.
    WorkerPostgres,
    /// From the status service to the benefits database.
    StatusPostgres,
    /// From intake to the identity provider, for its keys.
    IntakeIdentityProvider,
}

/// The part whose clock jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clock {
    /// Intake's.
    Intake,
    /// The worker's.
    Worker,
}

/// A running system, and the state of faults from their begin to their end.
#[derive(Debug)]
pub struct Scene {
    /// The system.
    pub system: PrivateSystem,
    /// Proxies between the nodes of a cluster.
    pub(crate) links: Links,
    /// Address for applications, if it is not intake's own.
    pub door: Option<String>,
    /// Poison that must end in the dead-letter queue, or in its own.
    pub(crate) poison: Vec<Poison>,
    /// The load balancer in front of two intakes and two status services, if any.
    pub(crate) balancer: Option<Nginx>,
    /// Failed reads through the load balancer.
    pub(crate) failed_reads: Vec<String>,
    /// Proxies between two parts, while one of them uses it.
    pub wires: BTreeMap<Wire, Proxy>,
    /// Fake clocks of parts.
    pub clocks: BTreeMap<Clock, FakeClock>,
    /// Broken promises of a fault, until it is left.
    pub broken: Vec<String>,
    /// Whether several faults run at once: one may hide another's effect.
    pub(crate) by_chance: bool,
    ready: Instant,
}

impl Scene {
    /// Starts a private system.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Ok(Self::of(PrivateSystem::start().await?))
    }

    /// Starts a private system with three broker nodes and a database with its standby.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn start_cluster() -> anyhow::Result<Self> {
        let (system, links) = PrivateSystem::start_cluster().await?;
        Ok(Self::with_links(system, links))
    }

    /// Makes the scene of a system that has just started.
    #[must_use]
    pub fn of(system: PrivateSystem) -> Self {
        Self::with_links(system, Vec::new())
    }

    fn with_links(system: PrivateSystem, links: Links) -> Self {
        Self {
            system,
            links,
            door: None,
            poison: Vec::new(),
            balancer: None,
            failed_reads: Vec::new(),
            wires: BTreeMap::new(),
            clocks: BTreeMap::new(),
            broken: Vec::new(),
            by_chance: false,
            ready: Instant::now(),
        }
    }

    /// Returns the address for applications.
    ///
    /// # Errors
    /// Intake was never started.
    pub fn door(&self) -> anyhow::Result<String> {
        let intake = || self.system.url(Part::Intake);
        self.door.clone().or_else(intake).context("intake has no address")
    }

    /// Changes settings of a part and restarts it. A setting without a value returns to its
    /// default.
    pub(crate) async fn set(
        &mut self,
        part: Part,
        settings: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> anyhow::Result<()> {
        let mut setup = self.system.setup().clone();
        let of_part = setup.settings_by_part.entry(part.to_string()).or_default();
        for (name, value) in settings {
            match value {
                Some(value) => of_part.insert(name, value),
                None => of_part.remove(&name),
            };
        }
        self.system.set_up(setup)?;
        Ok(self.system.start_part(part).await?)
    }

    /// Waits until the queues survive a kill of the broker.
    pub(crate) async fn settle(&self) {
        tokio::time::sleep_until((self.ready + QUEUES_LAST_AFTER).into()).await;
    }
}
