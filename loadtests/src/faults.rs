//! Kills a part of the system in the middle of a load, starts it again, and proves that nothing was lost.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::ValueEnum;
use serde::Serialize;
use sportello_local::{Part, System};

use crate::applications::{Applications, Prepared};
use crate::aside::aside;
use crate::backlog::{Backlog, drained};
use crate::client::Intake;
use crate::ledger::Ledger;
use crate::open_loop::Schedule;
use crate::persistence::Senders;
use crate::private_system::PrivateSystem;
use crate::reconcile::reconcile;
use crate::register;
use crate::report::{FaultReport, Observation};

/// How long the backlog may take to drain once the load has ended.
const DRAINED_WITHIN: Duration = Duration::from_secs(120);

/// The part that `kill -9` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The only worker.
    Worker,
    /// The benefits database, with all its processes.
    Postgres,
    /// The only intake.
    Intake,
    /// The only broker.
    #[value(name = "rabbitmq")]
    #[serde(rename = "rabbitmq")]
    RabbitMq,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Worker, Self::Postgres, Self::Intake, Self::RabbitMq];

    async fn kill(self, system: &mut System) -> sportello_local::Result<()> {
        match self {
            Self::Worker => system.process(Part::Worker(1)).kill().await,
            Self::Postgres => system.postgres().process().kill().await,
            Self::Intake => system.process(Part::Intake).kill().await,
            Self::RabbitMq => system.rabbitmq().kill().await,
        }
    }

    async fn start(self, system: &mut System) -> sportello_local::Result<()> {
        match self {
            Self::Worker => system.start_part(Part::Worker(1)).await,
            Self::Postgres => system.start_postgres().await,
            Self::Intake => system.start_part(Part::Intake).await,
            Self::RabbitMq => system.start_rabbitmq().await,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Worker => "worker",
            Self::Postgres => "postgres",
            Self::Intake => "intake",
            Self::RabbitMq => "rabbitmq",
        })
    }
}

/// When a part was away, in the ledger's time.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    /// Just before the kill.
    pub killed: Duration,
    /// It is surely gone.
    pub gone: Duration,
    /// Just before it is started again.
    pub restarting: Duration,
    /// It is ready again.
    pub back: Duration,
}

/// A private system under load, with one ledger for all that happens to it.
pub struct Laboratory {
    system: PrivateSystem,
    senders: Arc<Senders>,
    schedule: Schedule,
    /// The number of the next application.
    next: u64,
}

impl Laboratory {
    /// Starts a private system. Applications will come by this schedule at each fault; the people who send them
    /// follow from the seed. The ledger goes to a new file, or goes with the system.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn start(schedule: Schedule, seed: u64, ledger: Option<&Path>) -> anyhow::Result<Self> {
        let system = PrivateSystem::start().await?;
        let url = system.url(Part::Intake).context("intake has no address")?;
        let ledger = ledger.map_or_else(|| system.folder().join("ledger.jsonl"), Path::to_owned);
        let ledger = Ledger::begin(&ledger)?;
        let senders = Senders::new(Applications::new(seed, system.mint()?), Intake::at(&url)?, ledger);
        Ok(Self {
            system,
            senders,
            schedule,
            next: 0,
        })
    }

    /// Where the system and its ledger are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.system.folder()
    }

    /// Sends the load, kills the part after a quarter of it, starts it again after another quarter, waits until
    /// everything accepted is registered, and reconciles ledger and register.
    ///
    /// # Errors
    /// Something other than the promises failed: the part does not start again, the ledger can't be read.
    pub async fn run(&mut self, fault: Fault) -> anyhow::Result<FaultReport> {
        let numbers = self.schedule.numbers(self.next);
        self.next = numbers.end;
        let prepare = |number| self.senders.applications().prepare(number);
        let applications = numbers.clone().map(prepare).collect::<Result<_, _>>()?;
        let load = load(Arc::clone(&self.senders), self.schedule, applications);
        let ((), outage) = tokio::try_join!(load, self.break_and_mend(fault))?;

        let (drained_after, backlog) = self.wait_until_drained().await?;
        let lines = self.senders.ledger().read()?;
        let rows = register::rows(&mut register::connect(&self.system.database_url()).await?).await?;
        let reconciliation = &reconcile(&lines, &rows, self.senders.applications());
        let lines = &lines;
        let seen = Observation {
            fault,
            numbers,
            outage,
            backlog,
            drained_after,
            lines,
            reconciliation,
        };
        Ok(FaultReport::new(&seen))
    }

    async fn break_and_mend(&mut self, fault: Fault) -> anyhow::Result<Outage> {
        let quarter = self.schedule.duration / 4;
        tokio::time::sleep(quarter).await;
        let senders = Arc::clone(&self.senders);
        let now = || senders.ledger().now();
        let killed = now();
        fault.kill(&mut self.system).await?;
        let gone = now();
        tokio::time::sleep(quarter).await;
        let restarting = now();
        fault
            .start(&mut self.system)
            .await
            .with_context(|| format!("{fault} does not start again"))?;
        Ok(Outage {
            killed,
            gone,
            restarting,
            back: now(),
        })
    }

    /// Waits until the register holds as many applications as the ledger says were accepted, and then until nothing
    /// is queued, or patience ends. Gives how long it took the register, and what is left in the broker.
    async fn wait_until_drained(&mut self) -> anyhow::Result<(Duration, Backlog)> {
        let lines = self.senders.ledger().read()?;
        let accepted = reconcile(&lines, &[], self.senders.applications()).accepted(&(0..self.next));
        drained(&mut self.system, accepted as u64, DRAINED_WITHIN).await
    }
}

/// Sends the load from a thread of its own: one carries thousands a second.
async fn load(senders: Arc<Senders>, schedule: Schedule, applications: Vec<Prepared>) -> anyhow::Result<()> {
    let arrive = move |application, due| {
        let senders = Arc::clone(&senders);
        async move { senders.insist(&application, due).await }
    };
    aside(move || async move {
        schedule.run(applications, arrive).await;
        Ok(())
    })
    .await
}
