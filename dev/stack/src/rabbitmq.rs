//! A private RabbitMQ node: on 127.0.0.1 only, durable, not run by root.

mod cluster;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reqwest::Url;
use serde::{Deserialize, Serialize};

pub use cluster::{Cluster, Link};

use self::cluster::Membership;
use crate::run_as::RunAs;
use crate::{Error, Management, Process, Result, Spec, folders, ports, state, wait};

const LIBRARY: &str = "/usr/lib/rabbitmq/lib";
const USER: &str = "sportello";
/// Longest start: 6 to 9 s on an idle machine, more with a large backlog.
const READY_WITHIN: Duration = Duration::from_secs(180);
const GRACE: Duration = Duration::from_secs(60);
const ATTEMPTS: u32 = 3;
const PORT_MAPPER_ENDS_WITHIN: Duration = Duration::from_secs(5);

/// Keeps Erlang's own network, between node and tools, on this machine.
const LOCAL_ONLY: &str = "-kernel inet_dist_use_interface {127,0,0,1}";

/// A resource alarm, during which a node accepts no messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// Memory.
    Memory,
    /// Disk space.
    Disk,
}

/// Quorum queues update their metrics each second instead of every five.
const PROMPT_NUMBERS: &str = "-rabbit quorum_tick_interval 1000";

/// Idle schedulers of a cluster's nodes sleep at once: all of them share few cores.
const NO_BUSY_WAIT: &str = "+sbwt none +sbwtdcpu none +sbwtdio none";

/// A node with its data in one folder.
#[derive(Debug)]
pub struct RabbitMq {
    folder: PathBuf,
    process: Process,
    memory: Memory,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// The node's name, to which the data are bound.
    node: String,
    password: String,
    ports: Ports,
    /// The cluster that it belongs to.
    #[serde(default)]
    cluster: Option<Membership>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Ports {
    amqp: u16,
    management: u16,
    prometheus: u16,
    distribution: u16,
    epmd: u16,
}

impl RabbitMq {
    /// Opens the node with its data in `folder`, running or not, logging to `log`.
    ///
    /// # Errors
    ///
    /// When its state file can't be read.
    pub fn at(folder: &Path, log: &Path) -> Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            process: Process::new(&name(folder), folder.join("pid"), log.to_owned()),
            memory: state::load(&folder.join("state.json"))?,
        })
    }

    /// Returns the address of its default virtual host. The port may change at [`RabbitMq::start`].
    #[must_use]
    pub fn url(&self) -> String {
        let Memory { password, ports, .. } = &self.memory;
        format!("amqp://{USER}:{password}@127.0.0.1:{}/%2f", ports.amqp)
    }

    /// Returns the address of its management API, with user and password.
    #[must_use]
    pub fn management_url(&self) -> String {
        let Memory { password, ports, .. } = &self.memory;
        format!("http://{USER}:{password}@127.0.0.1:{}", ports.management)
    }

    /// Returns a client of its management API.
    ///
    /// # Errors
    ///
    /// It was never started.
    pub fn management(&self) -> Result<Management> {
        let base = Url::parse(&self.management_url());
        Ok(Management::new(
            base.map_err(|_| Error::NeverStarted("RabbitMQ"))?,
        ))
    }

    /// Returns the address of its metrics for Prometheus.
    #[must_use]
    pub fn metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.memory.ports.prometheus)
    }

    /// Returns the node's name in its cluster.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.memory.node
    }

    /// Returns the process, to kill, freeze and thaw it.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Starts it, unless it runs, and waits until it takes connections. It keeps its ports unless
    /// another program has taken them.
    ///
    /// # Errors
    ///
    /// When a program is missing, root can't be dropped, or the node does not come up.
    pub async fn start(&mut self) -> Result<()> {
        let mut attempt = 1;
        loop {
            match self.try_start().await {
                // another program took one of its ports
                Err(Error::Ended { .. }) if attempt < ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }

    async fn try_start(&mut self) -> Result<()> {
        let is_new = !self.process.is_running();
        if is_new {
            let scripts = scripts()?;
            let run_as = RunAs::owner_of(&self.folder, &["rabbitmq", "nobody"])?;
            // a killed node leaves its port mapper
            self.end_port_mapper().await;
            self.prepare(&run_as)?;
            self.process.start(&self.spec(&scripts, &run_as)).await?;
        }
        self.process.thaw();
        let (management, port) = (self.management()?, self.memory.ports.amqp);
        self.process
            .wait_ready(READY_WITHIN, || management.is_listening(port))
            .await?;
        // those of a cluster are made once
        if is_new && self.memory.cluster.is_none() {
            self.create_accounts(&management).await?;
        }
        Ok(())
    }

    /// Makes the services' users; replaces earlier ones.
    async fn create_accounts(&self, management: &Management) -> Result<()> {
        management.create_accounts("/", USER, &self.memory.password).await
    }

    /// Stops it in order.
    ///
    /// # Errors
    ///
    /// When it does not stop.
    pub async fn stop(&self) -> Result<()> {
        self.process.terminate(GRACE).await?;
        self.end_port_mapper().await;
        Ok(())
    }

    /// Kills it, as `kill -9` would.
    ///
    /// # Errors
    ///
    /// When it does not stop.
    pub async fn kill(&self) -> Result<()> {
        self.process.kill().await?;
        self.end_port_mapper().await;
        Ok(())
    }

    /// Removes all its data, as the loss of its disk would. For a node that does not run.
    ///
    /// # Errors
    ///
    /// When something can't be removed.
    pub fn lose_disk(&self) -> Result<()> {
        folders::remove(&self.data())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Raises the alarm, so that it accepts no messages. Takes about two seconds.
    ///
    /// # Errors
    ///
    /// When the node does not run or refuses.
    pub fn raise(&self, alarm: Alarm) -> Result<()> {
        match alarm {
            Alarm::Memory => self.control(&["set_vm_memory_high_watermark", "0"]),
            Alarm::Disk => self.control(&["set_disk_free_limit", "1000000000000000"]),
        }
    }

    /// Clears the alarm. Takes about two seconds.
    ///
    /// # Errors
    ///
    /// When the node does not run or refuses.
    pub fn clear(&self, alarm: Alarm) -> Result<()> {
        // the default values; 3.10 accepts only bytes
        match alarm {
            Alarm::Memory => self.control(&["set_vm_memory_high_watermark", "0.4"]),
            Alarm::Disk => self.control(&["set_disk_free_limit", "50000000"]),
        }
    }

    /// Runs `rabbitmqctl` on the node. Takes about two seconds.
    ///
    /// # Errors
    ///
    /// When the node does not run or refuses.
    pub fn control(&self, arguments: &[&str]) -> Result<()> {
        self.tool("rabbitmqctl", arguments)
    }

    /// Prepares the node for its stop, as operators do before an update: it hands its leaders to
    /// other nodes, and its clients go to them.
    ///
    /// # Errors
    ///
    /// When the node does not run or refuses.
    pub fn drain(&self) -> Result<()> {
        self.tool("rabbitmq-upgrade", &["drain"])
    }

    fn tool(&self, name: &str, arguments: &[&str]) -> Result<()> {
        let run_as = RunAs::owner_of(&self.folder, &["rabbitmq", "nobody"])?;
        let output = run_as
            .command(&scripts()?.join(name))
            .env("RABBITMQ_CTL_ERL_ARGS", LOCAL_ONLY)
            .envs(self.environment())
            .args(arguments)
            .output()
            .map_err(Error::io("run a tool of RabbitMQ"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::Command {
            command: name.to_owned(),
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// Stops the node's own epmd, which outlives it. It refuses while it believes its node alive.
    /// The nodes of a cluster share one.
    async fn end_port_mapper(&self) {
        if self.memory.cluster.is_none() {
            end_port_mapper(self.memory.ports.epmd).await;
        }
    }

    fn prepare(&mut self, run_as: &RunAs) -> Result<()> {
        if self.memory.node.is_empty() {
            self.memory.node = format!("sportello-{:08x}@localhost", rand::random::<u32>());
            self.memory.password = state::password();
        }
        let is_single = self.memory.cluster.is_none();
        let Ports {
            amqp,
            management,
            prometheus,
            distribution,
            epmd,
        } = &mut self.memory.ports;
        for port in [amqp, management, prometheus] {
            ports::keep_or_change(port)?;
        }
        // the others of a cluster know these two
        for port in [distribution, epmd].into_iter().filter(|_| is_single) {
            ports::keep_or_change(port)?;
        }
        self.remember()?;
        let mut files = vec![
            ("rabbitmq.conf", self.configuration()),
            (
                "enabled_plugins",
                "[rabbitmq_management,rabbitmq_prometheus].\n".to_owned(),
            ),
        ];
        files.extend(self.memory.cluster.iter().flat_map(Membership::files));
        for (name, content) in files {
            let path = self.folder.join(name);
            state::write_private(&path, content.as_bytes())?;
            run_as.hand_over(&path)?;
        }
        Ok(())
    }

    fn remember(&self) -> Result<()> {
        state::save(&self.folder.join("state.json"), &self.memory)
    }

    fn configuration(&self) -> String {
        let Memory { password, ports, .. } = &self.memory;
        let Ports {
            amqp,
            management,
            prometheus,
            ..
        } = ports;
        format!(
            "listeners.tcp.1 = 127.0.0.1:{amqp}\n\
             management.tcp.ip = 127.0.0.1\n\
             management.tcp.port = {management}\n\
             management.rates_mode = none\n\
             prometheus.tcp.ip = 127.0.0.1\n\
             prometheus.tcp.port = {prometheus}\n\
             default_user = {USER}\n\
             default_pass = {password}\n\
             default_user_tags.administrator = true\n\
             log.file = false\n\
             log.console = true\n\
             log.console.level = warning\n\
             log.console.use_colors = off\n\
             # a tenth of the standard size: less memory, and less to read after a crash\n\
             raft.wal_max_size_bytes = 67108864\n\
             {}",
            self.memory
                .cluster
                .as_ref()
                .map(Membership::configuration)
                .unwrap_or_default()
        )
    }

    fn spec(&self, scripts: &Path, run_as: &RunAs) -> Spec {
        let mut command = run_as.prefix();
        command.push(scripts.join("rabbitmq-server").into());
        let mut spec = Spec { command, ..Spec::default() }
            .env("RABBITMQ_DIST_PORT", self.memory.ports.distribution.to_string())
            .env("RABBITMQ_MNESIA_BASE", self.data())
            .env("RABBITMQ_LOG_BASE", self.folder.join("log"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", self.folder.join("enabled_plugins"))
            .env("RABBITMQ_CONFIG_FILE", self.folder.join("rabbitmq.conf"))
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", self.arguments())
            // the script becomes the node, rather than waiting for it
            .env("RABBITMQ_ALLOW_INPUT", "1")
            .env("RABBITMQ_SERVER_START_ARGS", "-noinput")
            .env("ERL_CRASH_DUMP_BYTES", "0");
        for (name, value) in self.environment() {
            spec = spec.env(name, value);
        }
        spec
    }

    /// Returns arguments of the Erlang machine.
    fn arguments(&self) -> String {
        let mut arguments = format!("{LOCAL_ONLY} {PROMPT_NUMBERS}");
        if self.memory.cluster.is_some() {
            let (node, port) = (&self.memory.node, self.memory.ports.distribution);
            // a name from the start: otherwise RabbitMQ first looks whether its port is free at all
            // addresses of the machine, and finds the proxies before the other nodes
            arguments += &format!(
                " -sname {node} -kernel inet_dist_listen_min {port} inet_dist_listen_max {port} {NO_BUSY_WAIT}"
            );
        }
        arguments
    }

    /// Returns the environment of node and tools. HOME holds the cookie by which they authenticate
    /// to each other.
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        let hosts = || ("ERL_INETRC", self.folder.join(cluster::HOSTS_FILE).into());
        let mut environment = vec![
            ("HOME", self.folder.clone().into()),
            ("LANG", "C.UTF-8".into()),
            ("RABBITMQ_NODENAME", self.memory.node.clone().into()),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null".into()),
            ("ERL_EPMD_ADDRESS", "127.0.0.1".into()),
            ("ERL_EPMD_PORT", self.memory.ports.epmd.to_string().into()),
        ];
        environment.extend(self.memory.cluster.is_some().then(hosts));
        environment
    }
}

/// Returns the name of a node in messages: its folder's says which one of a cluster it is.
fn name(folder: &Path) -> String {
    let number = folder.file_name().and_then(|name| name.to_str()?.split_once('-'));
    number.map_or_else(
        || "RabbitMQ".to_owned(),
        |(_, number)| format!("RabbitMQ-{number}"),
    )
}

async fn end_port_mapper(port: u16) {
    if port == 0 {
        return;
    }
    let ended = || {
        let _ = Command::new("epmd")
            .args(["-port", &port.to_string(), "-kill"])
            .output();
        ports::is_free(port)
    };
    // if it stays, it belongs to another node, and the next start takes another port
    wait::until(PORT_MAPPER_ENDS_WITHIN, ended).await;
}

/// Returns the folder of the newest server's own scripts. Those in /usr/sbin require root or the
/// user rabbitmq.
fn scripts() -> Result<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir(LIBRARY)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("sbin")))
        .collect();
    versions.sort();
    versions.reverse();
    // it lies beside the server's own scripts only
    folders::find_program("rabbitmq-env", &versions)
        .and_then(|script| script.parent().map(Path::to_owned))
        .ok_or(Error::Missing {
            program: "RabbitMQ".to_owned(),
            package: "rabbitmq-server",
        })
}
