//! The whole system on this machine: the two servers, the identity provider, every service.
//!
//! Each `start_…` does nothing if the part already runs with the same settings, and restarts it if
//! its program or configuration has changed. The order of [`System::start`] is that of the
//! dependencies.

mod addresses;
mod setup;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Cluster, Error, Health, Pair, Part, Postgres, Process, RabbitMq, Result, folders, ports, state};

pub use self::setup::Setup;

const READY_WITHIN: Duration = Duration::from_secs(60);
/// Longer than a worker needs for the transaction in hand.
const GRACE: Duration = Duration::from_secs(30);

const STATE: &str = "state.json";
/// Workers that the console asks, and most that it sets.
pub(crate) const MOST_WORKERS: u16 = 8;

/// A system that may or may not run, with all its files in one folder.
#[derive(Debug)]
pub struct System {
    pub(crate) folder: PathBuf,
    pub(crate) memory: Memory,
    postgres: Postgres,
    rabbitmq: RabbitMq,
    pair: Pair,
    cluster: Cluster,
    health: Health,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) setup: Setup,
    ports: BTreeMap<String, u16>,
    workers: u16,
    /// Secret that makes application ids unpredictable.
    pub(crate) application_id_secret: String,
}

impl Default for Memory {
    fn default() -> Self {
        let application_id_secret = state::password() + &state::password();
        Self {
            setup: Setup::default(),
            ports: BTreeMap::new(),
            workers: 1,
            application_id_secret,
        }
    }
}

impl System {
    /// Opens the system in this folder.
    ///
    /// # Errors
    ///
    /// When its state file can't be read.
    pub fn at(folder: &Path) -> Result<Self> {
        let log = |name: &str| folder.join("logs").join(name);
        Ok(Self {
            memory: state::load(&folder.join(STATE))?,
            postgres: Postgres::at(&folder.join("postgres"), &log("postgres.log"))?,
            rabbitmq: RabbitMq::at(&folder.join("rabbitmq"), &log("rabbitmq.log"))?,
            pair: Pair::at(folder, |name| log(name).with_extension("log"))?,
            cluster: Cluster::at(folder, |name| log(name).with_extension("log"))?,
            health: Health::new(),
            folder: folder.to_owned(),
        })
    }

    /// Reads again what another process may have changed, such as the number of workers.
    ///
    /// # Errors
    ///
    /// When its state file can't be read.
    pub fn reread(&mut self) -> Result<()> {
        *self = Self::at(&self.folder)?;
        Ok(())
    }

    /// Returns whether it was ever set up.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.folder.join(STATE).exists()
    }

    /// Sets its programs, folders and settings from the next start on.
    ///
    /// # Errors
    ///
    /// When the state file can't be written.
    pub fn set_up(&mut self, setup: Setup) -> Result<()> {
        self.memory.setup = setup;
        self.remember()
    }

    /// Returns its programs, folders and settings.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.memory.setup
    }

    /// Returns the private PostgreSQL server, which runs unless an external one or a pair is used.
    pub fn postgres(&mut self) -> &mut Postgres {
        &mut self.postgres
    }

    /// Returns the private RabbitMQ node, which runs unless an external one or a cluster is used.
    pub fn rabbitmq(&mut self) -> &mut RabbitMq {
        &mut self.rabbitmq
    }

    /// Returns the private PostgreSQL primary and its standby, which run in a cluster.
    pub fn pair(&mut self) -> &mut Pair {
        &mut self.pair
    }

    /// Returns the private RabbitMQ nodes, which run in a cluster.
    pub fn cluster(&mut self) -> &mut Cluster {
        &mut self.cluster
    }

    /// Returns the process of a part, to inspect, kill, freeze and thaw it.
    #[must_use]
    pub fn process(&self, part: Part) -> Process {
        let pid_file = self.pid_files().join(format!("{part}.pid"));
        Process::new(&part.to_string(), pid_file, self.log(&part.to_string()))
    }

    /// Returns the configured number of workers.
    #[must_use]
    pub fn workers(&self) -> u16 {
        self.memory.workers
    }

    /// Returns how many workers run.
    #[must_use]
    pub fn running_workers(&self) -> usize {
        let workers = (1..=self.memory.workers).map(Part::Worker);
        workers
            .filter(|worker| self.process(*worker).is_running())
            .count()
    }

    /// Returns a part's log file, by its name; the servers are `postgres` and `rabbitmq`.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{name}.log"))
    }

    /// Returns the parts that should run, in the order of their starts.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = vec![Part::IdentityProvider, Part::Intake];
        parts.extend((1..=self.memory.workers).map(Part::Worker));
        parts.push(Part::Status);
        if self.memory.setup.portal_assets.is_some() {
            parts.extend([Part::Portal, Part::Console, Part::Gateway]);
        } else if self.memory.setup.console {
            parts.push(Part::Console);
        }
        parts
    }

    fn has_console(&self) -> bool {
        self.memory.setup.console || self.memory.setup.portal_assets.is_some()
    }

    /// Starts everything, and returns when all is ready.
    ///
    /// # Errors
    ///
    /// When a part does not start; earlier parts stay running.
    pub async fn start(&mut self) -> Result<()> {
        self.start_servers().await?;
        self.migrate()?;
        self.declare_topology()?;
        for part in self.parts() {
            self.start_part(part).await?;
        }
        Ok(())
    }

    /// Starts the private servers, both at once: RabbitMQ spends seconds mostly waiting.
    async fn start_servers(&mut self) -> Result<()> {
        let setup = &self.memory.setup;
        let broker = start_broker(setup, &mut self.rabbitmq, &mut self.cluster);
        let database = start_database(setup, &mut self.postgres, &mut self.pair);
        // waits for both, so that none is left half started
        let (broker, database) = tokio::join!(broker, database);
        database.and(broker)
    }

    /// Starts the private PostgreSQL server, or the primary and its standby, unless an external one
    /// is used.
    ///
    /// # Errors
    ///
    /// When it does not become ready.
    pub async fn start_postgres(&mut self) -> Result<()> {
        start_database(&self.memory.setup, &mut self.postgres, &mut self.pair).await
    }

    /// Starts the private RabbitMQ node, or those of the cluster, unless an external one is used.
    ///
    /// # Errors
    ///
    /// When it does not become ready.
    pub async fn start_rabbitmq(&mut self) -> Result<()> {
        start_broker(&self.memory.setup, &mut self.rabbitmq, &mut self.cluster).await
    }

    /// Migrates the database to the schema that the services expect.
    ///
    /// # Errors
    ///
    /// When a migration fails or the database can't be reached.
    pub fn migrate(&self) -> Result<()> {
        let mut worker = Command::new(self.memory.setup.programs.join("worker"));
        done(worker.arg("migrate").env("DATABASE_URL", self.database_url()))
    }

    /// Declares the exchanges and queues that the services expect with their settings (`SHARDS`).
    ///
    /// # Errors
    ///
    /// When the broker refuses or can't be reached.
    pub fn declare_topology(&self) -> Result<()> {
        let setup = &self.memory.setup;
        let mut worker = Command::new(setup.programs.join("worker"));
        let topology = worker.arg("topology").envs(&setup.settings);
        done(topology.env("AMQP_URL", self.amqp_url()))
    }

    /// Makes the receipt keys, unless they exist.
    ///
    /// # Errors
    ///
    /// When they can't be written.
    pub fn make_receipt_keys(&self) -> Result<()> {
        folders::create(&self.folder)?;
        let mut intake = Command::new(self.memory.setup.programs.join("intake"));
        let make = intake.args(["keys", "new", "--if-missing"]);
        done(make.env("RECEIPT_KEYS", self.receipt_keys()))
    }

    /// Starts a part, and returns when it is ready. It keeps its port unless another program has
    /// taken it.
    ///
    /// # Errors
    ///
    /// When it does not become ready.
    pub async fn start_part(&mut self, part: Part) -> Result<()> {
        let process = self.process(part);
        // a service's settings hold the addresses of the others, so all are chosen first
        let mut named = vec![Part::IdentityProvider, Part::Intake, Part::Status, part];
        if self.memory.setup.portal_assets.is_some() {
            named.extend([Part::Portal, Part::Console, Part::Gateway]);
        }
        if self.has_console() {
            // the console asks each that may run
            named.extend((1..=MOST_WORKERS).map(Part::Worker));
        }
        for each in named {
            self.choose_port(each)?;
        }
        let spec = self.spec(part)?;
        if matches!(part, Part::Intake | Part::SecondIntake) {
            self.make_receipt_keys()?;
        }
        process.start_as(&spec, GRACE).await?;
        process.thaw();
        let url = self.internal_url(part).unwrap_or_default() + part.ready_path();
        process
            .wait_ready(READY_WITHIN, || self.health.is_well(&url))
            .await
    }

    /// Sets the number of workers: starts missing ones, stops surplus ones, leaves the others
    /// alone.
    ///
    /// # Errors
    ///
    /// When one does not become ready or does not stop.
    pub async fn set_workers(&mut self, count: u16) -> Result<()> {
        let before = self.memory.workers;
        self.memory.workers = count;
        self.remember()?;
        for number in 1..=count {
            self.start_part(Part::Worker(number)).await?;
        }
        for number in count + 1..=before {
            self.process(Part::Worker(number)).terminate(GRACE).await?;
        }
        Ok(())
    }

    /// Stops everything in order: first the services that take applications and the console, which
    /// would start workers again, last the servers that keep them.
    ///
    /// # Errors
    ///
    /// When a process does not end.
    pub async fn stop(&self) -> Result<()> {
        let mut parts = self.recorded_parts();
        parts.sort_by_key(|part| !matches!(part, Part::Intake | Part::SecondIntake | Part::Console));
        for part in parts {
            self.process(part).terminate(GRACE).await?;
        }
        self.rabbitmq.stop().await?;
        self.cluster.stop().await?;
        self.postgres.stop().await?;
        self.pair.stop().await
    }

    /// Removes all its files, data included. Call it only after [`System::stop`].
    ///
    /// # Errors
    ///
    /// When something can't be removed.
    pub fn wipe(self) -> Result<()> {
        folders::remove(&self.folder)
    }

    /// Returns whether any of its processes runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.processes().iter().any(Process::is_running)
    }

    /// Returns the names of the processes that should run and do not.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let missing = self
            .processes()
            .into_iter()
            .filter(|process| !process.is_running());
        missing.map(|process| process.name().to_owned()).collect()
    }

    fn processes(&self) -> Vec<Process> {
        let mut processes: Vec<Process> = self.parts().into_iter().map(|part| self.process(part)).collect();
        let Setup {
            database_url,
            amqp_url,
            cluster,
            ..
        } = &self.memory.setup;
        match database_url {
            Some(_) => {}
            None if *cluster => processes.extend(self.pair.all().iter().map(|one| one.process().clone())),
            None => processes.push(self.postgres.process().clone()),
        }
        match amqp_url {
            Some(_) => {}
            None if *cluster => processes.extend(self.cluster.all().iter().map(|one| one.process().clone())),
            None => processes.push(self.rabbitmq.process().clone()),
        }
        processes
    }

    fn pid_files(&self) -> PathBuf {
        self.folder.join("run")
    }

    /// Returns all parts that were ever started, including those that should no longer run.
    #[must_use]
    pub fn recorded_parts(&self) -> Vec<Part> {
        let entries = fs::read_dir(self.pid_files()).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".pid")?.parse().ok())
            .collect()
    }

    fn choose_port(&mut self, part: Part) -> Result<()> {
        let running = self.process(part).is_running();
        let more = [part.internal_name(), part.tls_name(), part.operators_name()];
        let more = more.into_iter().flatten();
        for name in [part.to_string()].into_iter().chain(more) {
            let port = self.memory.ports.entry(name).or_default();
            if *port == 0 || !running {
                ports::keep_or_change(port)?;
            }
        }
        self.remember()
    }

    fn remember(&self) -> Result<()> {
        folders::create(&self.folder)?;
        state::save(&self.folder.join(STATE), &self.memory)
    }
}

async fn start_broker(setup: &Setup, single: &mut RabbitMq, cluster: &mut Cluster) -> Result<()> {
    match setup.amqp_url {
        Some(_) => Ok(()),
        None if setup.cluster => {
            cluster.prepare(setup.has_links)?;
            cluster.start().await
        }
        None => single.start().await,
    }
}

async fn start_database(setup: &Setup, single: &mut Postgres, pair: &mut Pair) -> Result<()> {
    match setup.database_url {
        Some(_) => Ok(()),
        None if setup.cluster => pair.start().await,
        None => single.start().await,
    }
}

/// Runs a command of a service to its end.
pub(crate) fn done(command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .map_err(Error::io("run a command of a service"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    Err(Error::Command {
        command: words.join(" "),
        status: output.status.to_string(),
        output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
