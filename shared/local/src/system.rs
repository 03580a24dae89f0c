//! The whole system on this machine: the two servers, the identity provider, every service.
//!
//! Each `start_…` does nothing where the part runs as it would be started, and starts it anew where its
//! program or configuration has changed since. The order of [`System::start`] is that of the dependencies.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Error, Health, Part, Postgres, Process, RabbitMq, Result, folders, ports, state};

const READY_WITHIN: Duration = Duration::from_secs(60);
/// Longer than a worker may need for the batch in hand.
const GRACE: Duration = Duration::from_secs(30);

const STATE: &str = "state.json";

/// What the system is made of.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Setup {
    /// The folder of the built programs `intake`, `worker` and `status`.
    pub programs: PathBuf,
    /// The folder of the identity provider, with its packages installed.
    pub identity_provider: PathBuf,
    /// The folder of the benefits' files, which the system takes a copy of.
    #[serde(default)]
    pub catalogue: PathBuf,
    /// A PostgreSQL server that someone else runs, in place of a private one.
    pub database_url: Option<String>,
    /// A RabbitMQ node that someone else runs, in place of a private one.
    pub amqp_url: Option<String>,
    /// Further environment variables of every service; they go before what it would be told otherwise.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Further ones of single parts, by the part's name; they go before those of every service. What is set for `worker`
    /// reaches each worker.
    #[serde(default)]
    pub settings_by_part: BTreeMap<String, BTreeMap<String, String>>,
    /// How much all services leave to others that want a core at the same time, from 0 to 9: a worker leaves them 10 more.
    #[serde(default)]
    pub niceness: u8,
}

/// A system that may or may not run, with all that it writes in one folder.
#[derive(Debug)]
pub struct System {
    pub(crate) folder: PathBuf,
    pub(crate) memory: Memory,
    postgres: Postgres,
    rabbitmq: RabbitMq,
    health: Health,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) setup: Setup,
    ports: BTreeMap<String, u16>,
    workers: u16,
    /// Makes application ids that nobody can guess.
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
    /// The system in this folder, as it was left.
    ///
    /// # Errors
    ///
    /// When what it remembered can't be read.
    pub fn at(folder: &Path) -> Result<Self> {
        let log = |name| folder.join("logs").join(name);
        Ok(Self {
            memory: state::load(&folder.join(STATE))?,
            postgres: Postgres::at(&folder.join("postgres"), &log("postgres.log"))?,
            rabbitmq: RabbitMq::at(&folder.join("rabbitmq"), &log("rabbitmq.log"))?,
            health: Health::new(),
            folder: folder.to_owned(),
        })
    }

    /// Whether it was ever set up.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.folder.join(STATE).exists()
    }

    /// What it is made of from the next start on.
    ///
    /// # Errors
    ///
    /// When it can't be written down.
    pub fn set_up(&mut self, setup: Setup) -> Result<()> {
        self.memory.setup = setup;
        self.remember()
    }

    /// What it is made of.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.memory.setup
    }

    /// The address of the benefits database.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.memory
            .setup
            .database_url
            .clone()
            .unwrap_or_else(|| self.postgres.url())
    }

    /// The address of the broker.
    #[must_use]
    pub fn amqp_url(&self) -> String {
        self.memory
            .setup
            .amqp_url
            .clone()
            .unwrap_or_else(|| self.rabbitmq.url())
    }

    /// The base address of a part, without a slash at its end; `None` before its first start.
    #[must_use]
    pub fn url(&self, part: Part) -> Option<String> {
        self.memory
            .ports
            .get(&part.to_string())
            .map(|port| format!("http://127.0.0.1:{port}"))
    }

    /// The private PostgreSQL server, which runs unless another one is used.
    pub fn postgres(&mut self) -> &mut Postgres {
        &mut self.postgres
    }

    /// The private RabbitMQ node, which runs unless another one is used.
    pub fn rabbitmq(&mut self) -> &mut RabbitMq {
        &mut self.rabbitmq
    }

    /// The process of a part: to see whether it runs, to kill, freeze and thaw it.
    #[must_use]
    pub fn process(&self, part: Part) -> Process {
        let pid_file = self.pid_files().join(format!("{part}.pid"));
        Process::new(&part.to_string(), pid_file, self.log(&part.to_string()))
    }

    /// How many workers are to run.
    #[must_use]
    pub fn workers(&self) -> u16 {
        self.memory.workers
    }

    /// Where a part logs, by its name; the servers are `postgres` and `rabbitmq`.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{name}.log"))
    }

    /// The parts that are to run, in the order of their starts.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = vec![Part::IdentityProvider, Part::Intake];
        parts.extend((1..=self.memory.workers).map(Part::Worker));
        parts.push(Part::Status);
        parts
    }

    /// Starts everything, and returns when all is ready.
    ///
    /// # Errors
    ///
    /// When a part does not start; those before it go on running.
    pub async fn start(&mut self) -> Result<()> {
        self.start_servers().await?;
        self.migrate()?;
        for part in self.parts() {
            self.start_part(part).await?;
        }
        Ok(())
    }

    /// Starts those servers that are private, both at once: RabbitMQ takes seconds in which little else is done.
    async fn start_servers(&mut self) -> Result<()> {
        let (postgres, rabbitmq, setup) = (&mut self.postgres, &mut self.rabbitmq, &self.memory.setup);
        let broker = async {
            match setup.amqp_url {
                Some(_) => Ok(()),
                None => rabbitmq.start().await,
            }
        };
        let database = async {
            match setup.database_url {
                Some(_) => Ok(()),
                None => postgres.start().await,
            }
        };
        // both to their end: none is left half started
        let (broker, database) = tokio::join!(broker, database);
        database.and(broker)
    }

    /// Starts the private PostgreSQL server, unless another one is used.
    ///
    /// # Errors
    ///
    /// When it does not become ready.
    pub async fn start_postgres(&mut self) -> Result<()> {
        match self.memory.setup.database_url {
            Some(_) => Ok(()),
            None => self.postgres.start().await,
        }
    }

    /// Starts the private RabbitMQ node, unless another one is used.
    ///
    /// # Errors
    ///
    /// When it does not become ready.
    pub async fn start_rabbitmq(&mut self) -> Result<()> {
        match self.memory.setup.amqp_url {
            Some(_) => Ok(()),
            None => self.rabbitmq.start().await,
        }
    }

    /// Brings the database to the form that the services expect.
    ///
    /// # Errors
    ///
    /// When a migration fails or the database can't be reached.
    pub fn migrate(&self) -> Result<()> {
        let output = Command::new(self.memory.setup.programs.join("worker"))
            .arg("migrate")
            .env("DATABASE_URL", self.database_url())
            .output()
            .map_err(Error::io("run worker migrate"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::Command {
            command: "worker migrate".to_owned(),
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// Starts a part, and returns when it is ready. It keeps its port unless another program has taken it.
    ///
    /// # Errors
    ///
    /// When it does not become ready.
    pub async fn start_part(&mut self, part: Part) -> Result<()> {
        let process = self.process(part);
        // what a service is told holds the addresses of the others, so all are chosen first
        for each in [Part::IdentityProvider, Part::Intake, Part::Status, part] {
            self.choose_port(each)?;
        }
        let spec = self.spec(part)?;
        process.start_as(&spec, GRACE).await?;
        process.thaw();
        let url = self.url(part).unwrap_or_default() + part.ready_path();
        process
            .wait_ready(READY_WITHIN, || self.health.is_well(&url))
            .await
    }

    /// Runs this many workers from now on: starts those missing, ends those over, leaves the others alone.
    ///
    /// # Errors
    ///
    /// When one does not become ready or does not end.
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

    /// Ends everything in order: first what takes applications, last what keeps them.
    ///
    /// # Errors
    ///
    /// When a process does not end.
    pub async fn stop(&self) -> Result<()> {
        let mut parts = self.recorded_parts();
        parts.sort_by_key(|part| !matches!(part, Part::Intake | Part::SecondIntake));
        for part in parts {
            self.process(part).terminate(GRACE).await?;
        }
        self.rabbitmq.stop().await?;
        self.postgres.stop().await
    }

    /// Removes everything that it wrote, data too. Only after [`System::stop`].
    ///
    /// # Errors
    ///
    /// When something can't be removed.
    pub fn wipe(self) -> Result<()> {
        folders::remove(&self.folder)
    }

    /// Whether anything of it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.processes().iter().any(Process::is_running)
    }

    /// The names of the processes that are to run and do not.
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
        if self.memory.setup.database_url.is_none() {
            processes.push(self.postgres.process().clone());
        }
        if self.memory.setup.amqp_url.is_none() {
            processes.push(self.rabbitmq.process().clone());
        }
        processes
    }

    fn pid_files(&self) -> PathBuf {
        self.folder.join("run")
    }

    /// The parts that were ever started, also those that are no longer to run.
    #[must_use]
    pub fn recorded_parts(&self) -> Vec<Part> {
        let entries = fs::read_dir(self.pid_files()).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".pid")?.parse().ok())
            .collect()
    }

    fn choose_port(&mut self, part: Part) -> Result<()> {
        let running = self.process(part).is_running();
        let port = self.memory.ports.entry(part.to_string()).or_default();
        if *port == 0 || !running {
            ports::keep_or_change(port)?;
        }
        self.remember()
    }

    fn remember(&self) -> Result<()> {
        folders::create(&self.folder)?;
        state::save(&self.folder.join(STATE), &self.memory)
    }
}
