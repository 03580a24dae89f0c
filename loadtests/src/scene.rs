//! Where faults happen: a private system, and what faults keep beside it.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use sportello_local::Part;

use crate::faults::content::Poison;
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

    /// Returns when the queues outlive a kill of the broker.
    pub(crate) async fn settle(&self) {
        tokio::time::sleep_until((self.ready + QUEUES_LAST_AFTER).into()).await;
    }
}
