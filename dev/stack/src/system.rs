//! The whole system on this machine: the two servers, the identity provider, every service.
//!
//! Each `start_…` does nothing if the part already runs with the same settings, and restarts it if
//! its program or configuration has changed. The order of [`System::start`] is that of the
//! dependencies.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Account, Cluster, Error, Health, Pair, Part, Postgres, Process, RabbitMq, Result, folders, ports, state,
};

const READY_WITHIN: Duration = Duration::from_secs(60);
/// Longer than a worker needs for the transaction in hand.
const GRACE: Duration = Duration::from_secs(30);

const STATE: &str = "state.json";
/// Workers that the console asks, and most that it sets.
pub(crate) const MOST_WORKERS: u16 = 8;

/// Programs, folders and settings of the system.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Setup {
    /// The folder of the built programs `intake`, `worker`, `status`, `portal` and `console`.
    pub programs: PathBuf,
    /// The folder of the identity provider, with its packages installed.
    pub identity_provider: PathBuf,
    /// The folder of the benefits' files; the system uses a copy.
    #[serde(default)]
    pub catalogue: PathBuf,
    /// The folder of the portal's built scripts and styles; without it there is neither portal nor
    /// gateway nor console, and intake and status are called directly.
    #[serde(default)]
    pub portal_assets: Option<PathBuf>,
    /// Whether the console runs without the portal, too: its API alone, on its own address.
    #[serde(default)]
    pub console: bool,
    /// Whether portal, API and identity provider are at three sites with TLS: `a.test`, `b.test`
    /// and `c.test`.
    #[serde(default)]
    pub three_sites: bool,
    /// The command line by which the console sets the number of workers; without it only people do.
    #[serde(default)]
    pub worker_command: Option<String>,
    /// Whether the private servers are three RabbitMQ nodes and a PostgreSQL primary with its
    /// standby, with data of their own.
    #[serde(default)]
    pub cluster: bool,
    /// Whether a caller's proxies are between the nodes: see [`Cluster::links`].
    #[serde(default)]
    pub has_links: bool,
    /// An external PostgreSQL server, instead of a private one.
    pub database_url: Option<String>,
    /// An external RabbitMQ node, instead of a private one.
    pub amqp_url: Option<String>,
    /// More environment variables of every service; they override the default ones.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// More variables of single parts, by the part's name; they override those of every service.
    /// Those of `worker` reach each worker.
    #[serde(default)]
    pub settings_by_part: BTreeMap<String, BTreeMap<String, String>>,
    /// Whether operators come from the mint instead of the identity provider: only one issuer may
    /// have operators.
    #[serde(default)]
    pub generated_operators: bool,
    /// Niceness of all services, from 0 to 9; a worker's is 10 more.
    #[serde(default)]
    pub niceness: u8,
}

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

    /// Returns the address of the benefits database, for its owner; with a standby, that of the
    /// present primary.
    #[must_use]
    pub fn database_url(&self) -> String {
        let Setup {
            database_url,
            cluster,
            ..
        } = &self.memory.setup;
        match database_url {
            Some(external) => external.clone(),
            None if *cluster => self.pair.primary().url(),
            None => self.postgres.url(),
        }
    }

    /// Returns the address of the broker, for its administrator. In a cluster it names all nodes.
    #[must_use]
    pub fn amqp_url(&self) -> String {
        let Setup {
            amqp_url, cluster, ..
        } = &self.memory.setup;
        match amqp_url {
            Some(external) => external.clone(),
            None if *cluster => self.cluster.url(),
            None => self.rabbitmq.url(),
        }
    }

    /// Returns the address of the benefits database, for a service with the rights of its role;
    /// with a standby it names both servers. At an external server it is the owner's.
    #[must_use]
    pub fn database_url_of(&self, account: Account) -> String {
        let Setup {
            database_url,
            cluster,
            ..
        } = &self.memory.setup;
        match database_url {
            Some(external) => external.clone(),
            None if *cluster => account.address(&self.pair.url()),
            None => account.address(&self.postgres.url()),
        }
    }

    /// Returns the address of the broker, for a service with its own permissions. At an external
    /// broker it is the administrator's.
    #[must_use]
    pub fn amqp_url_of(&self, account: Account) -> String {
        let administrators = self.amqp_url();
        match self.memory.setup.amqp_url {
            Some(_) => administrators,
            None => account.address(&administrators),
        }
    }

    /// Returns the address of the private broker's management API, for its administrator.
    pub(crate) fn management_url(&self) -> Option<String> {
        let Setup {
            amqp_url, cluster, ..
        } = &self.memory.setup;
        match amqp_url {
            Some(_) => None,
            None if *cluster => Some(self.cluster.management_url()),
            None => Some(self.rabbitmq.management_url()),
        }
    }

    /// Returns the addresses of the private broker's metrics for Prometheus, one for each node:
    /// each knows the queues that it leads.
    #[must_use]
    pub fn broker_metrics_urls(&self) -> Vec<String> {
        if self.memory.setup.cluster {
            let nodes = self.cluster.all().iter();
            nodes.map(RabbitMq::metrics_url).collect()
        } else {
            vec![self.rabbitmq.metrics_url()]
        }
    }

    /// Returns the base address of a part, without a final slash; `None` before its first start.
    #[must_use]
    pub fn url(&self, part: Part) -> Option<String> {
        self.memory
            .ports
            .get(&part.to_string())
            .map(|port| format!("http://127.0.0.1:{port}"))
    }

    /// Returns the base address at which browsers reach a part: its site's or the gateway's where
    /// there is one. The identity provider is never behind the gateway.
    #[must_use]
    pub fn public_url(&self, part: Part) -> String {
        let has_gateway = self.memory.setup.portal_assets.is_some() && part != Part::IdentityProvider;
        let gateway = || has_gateway.then(|| self.url(Part::Gateway)).flatten();
        let url = self.site(part).or_else(gateway).or_else(|| self.url(part));
        url.unwrap_or_default()
    }

    pub(crate) fn tls_port(&self) -> Option<u16> {
        self.memory.ports.get(&Part::Gateway.tls_name()?).copied()
    }

    /// Returns the base address at which operators' browsers reach the console; `None` before the
    /// gateway's first start.
    #[must_use]
    pub fn console_url(&self) -> Option<String> {
        let port = self.memory.ports.get(&Part::Gateway.operators_name()?)?;
        Some(format!("http://127.0.0.1:{port}"))
    }

    /// Returns the addresses of the private broker's metrics: host and port, with commas between.
    pub(crate) fn broker_metrics(&self) -> Option<String> {
        let urls = self.broker_metrics_urls();
        let address = |url: &String| {
            let address = url.trim_start_matches("http://").trim_end_matches("/metrics");
            address.to_owned()
        };
        let addresses: Vec<_> = urls.iter().map(address).collect();
        let is_private = self.memory.setup.amqp_url.is_none();
        is_private.then(|| addresses.join(","))
    }

    /// Returns the base address of a part's health pages and metrics; `None` before its first
    /// start.
    #[must_use]
    pub fn internal_url(&self, part: Part) -> Option<String> {
        let Some(name) = part.internal_name() else {
            return self.url(part);
        };
        let port = self.memory.ports.get(&name)?;
        Some(format!("http://127.0.0.1:{port}"))
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
