//! Where faults happen: a private system, and what faults keep beside it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use sportello_local::{FakeClock, Part, Proxy};

use crate::faults::content::Poison;
use crate::faults::network::Wire;
use crate::faults::resources::Clock;
use crate::nginx::Nginx;
use crate::private_system::PrivateSystem;

/// `RabbitMQ` writes down the name of a quorum queue some three seconds after it was declared; a node that is killed
/// before has lost it. Systems that serve anybody are older.
const QUEUES_LAST_AFTER: Duration = Duration::from_secs(6);

/// A running system, and what faults keep beside it from their beginning to their end.
#[derive(Debug)]
pub struct Scene {
    /// The system.
    pub system: PrivateSystem,
    /// Where applications are sent while it is not intake's own address.
    pub door: Option<String>,
    /// What must be in the dead-letter queue in the end.
    pub(crate) poison: Vec<Poison>,
    /// In front of two intakes and two status services, where there are.
    pub(crate) balancer: Option<Nginx>,
    /// What went wrong while somebody read through the balancer.
    pub(crate) failed_reads: Vec<String>,
    /// Between two parts, for as long as one of them is told to go that way.
    pub wires: BTreeMap<Wire, Proxy>,
    /// Of parts that do not go by the machine's.
    pub clocks: BTreeMap<Clock, FakeClock>,
    /// What was seen in a fault that is not as it promises, until it is left.
    pub broken: Vec<String>,
    /// Faults come several at once: one may hide what another does.
    pub(crate) by_chance: bool,
    ready: Instant,
}

impl Scene {
    /// Starts a private system.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn start() -> anyhow::Result<Self> {
        let system = PrivateSystem::start().await?;
        Ok(Self {
            system,
            door: None,
            poison: Vec::new(),
            balancer: None,
            failed_reads: Vec::new(),
            wires: BTreeMap::new(),
            clocks: BTreeMap::new(),
            broken: Vec::new(),
            by_chance: false,
            ready: Instant::now(),
        })
    }

    /// Where applications are sent.
    ///
    /// # Errors
    /// Intake was never started.
    pub fn door(&self) -> anyhow::Result<String> {
        let intake = || self.system.url(Part::Intake);
        self.door.clone().or_else(intake).context("intake has no address")
    }

    /// Changes settings of a part, those without a value to what they are otherwise, and starts it anew with them.
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

    /// Returns when the queues outlive a kill of the broker.
    pub(crate) async fn settle(&self) {
        tokio::time::sleep_until((self.ready + QUEUES_LAST_AFTER).into()).await;
    }
}
