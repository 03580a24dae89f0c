//! Configuration: options and environment variables.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use sportello_queue::topology::Topology;
use sportello_queue::{BrokerUri, Shards};
use sportello_worker_size::WorkerSize;

use crate::fair_share::Weights;

/// The worker's configuration: each setting is an option or an environment variable.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "worker",
    about = "Drains the queues into the benefits database",
    after_help = "`worker migrate` runs the migrations that the database lacks.\n\
                  `worker topology` declares the exchanges and queues at the broker.\n\
                  `worker sums` prints how many applications have which outcome."
)]
pub struct Config {
    /// Address of the health pages and metrics, for operators only; port 0 takes a free one.
    #[arg(long, env = "INTERNAL_ADDR", default_value = "127.0.0.1:9082")]
    pub internal_addr: SocketAddr,

    /// The broker: amqp://user:password@host:port/virtual-host, with commas between the hosts of a
    /// cluster.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: BrokerUri,

    /// Whether to expect the broker's exchanges and queues or to declare them, which needs all
    /// permissions for the user of AMQP_URL.
    #[arg(long, env = "TOPOLOGY", default_value = "expect")]
    pub topology: Topology,

    /// Queues of each channel that are consumed: 1, 2, 4, 8, 16, 32 or 64. As many as any intake
    /// publishes to, or did while its messages wait; they share the prefetch.
    #[arg(long, env = "SHARDS", default_value_t)]
    pub shards: Shards,

    /// The broker's management API, to warn of queues with too few members:
    /// http://user:password@host:15672, with commas between the hosts of a cluster, for a user with
    /// the tag `monitoring` and some permission for the virtual host. Without it there is no
    /// warning.
    #[arg(long, env = "MANAGEMENT_URL", hide_env_values = true)]
    pub management_url: Option<SecretString>,

    /// The benefits database: postgres://user:password@host:port/database, with commas between
    /// several hosts.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,

    /// Allow clear text to the broker, its management API and the database on other machines. For
    /// trusted networks.
    #[arg(long, env = "ALLOW_CLEAR_TEXT")]
    pub allow_clear_text: bool,

    /// The folder of the benefits' files (TOML), followed while the worker runs.
    #[arg(long, env = "CATALOGUE")]
    pub catalogue: PathBuf,

    /// Applications of one transaction; of intermediaries never more than 500. The last message is
    /// taken whole, so there may be some more.
    #[arg(
        long,
        env = "WORKER_TRANSACTION_SIZE",
        default_value_t = 1_000,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    pub transaction_size: u32,

    /// Its transactions at once and its prefetch.
    #[command(flatten)]
    pub size: WorkerSize,

    /// Ratio of citizens' to intermediaries' applications that are registered while both wait; a
    /// channel alone gets all turns.
    #[arg(long, env = "WORKER_WEIGHTS", default_value = "4:1")]
    pub weights: Weights,

    /// Seconds between two retention passes; the first comes as long after the start. A pass erases
    /// only what was announced a day before.
    #[arg(
        long,
        env = "WORKER_RETENTION_SECONDS",
        default_value_t = 3_600,
        value_parser = clap::value_parser!(u32).range(1..=86_400)
    )]
    pub retention_seconds: u32,

    /// Longest time in seconds for which registering pauses while intake sheds requests. For
    /// machines that intake and workers share. After a pause as much time must pass without
    /// overload before the next one. 0 never pauses.
    #[arg(
        long,
        env = "OVERLOAD_PAUSE_SECONDS",
        default_value_t = 0,
        value_parser = clap::value_parser!(u32).range(..=3_600)
    )]
    pub overload_pause_seconds: u32,
}

/// Configuration of `worker migrate`.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "worker migrate",
    about = "Runs the migrations that the database lacks; several processes may do it at once"
)]
pub struct MigrateConfig {
    /// The benefits database: postgres://user:password@host:port/database, with commas between
    /// several hosts.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,

    /// Allow clear text to a database on another machine. For trusted networks.
    #[arg(long, env = "ALLOW_CLEAR_TEXT")]
    pub allow_clear_text: bool,
}

/// Configuration of `worker topology`.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "worker topology",
    about = "Declares the exchanges and queues at the broker; what is there already stays as it is"
)]
pub struct TopologyConfig {
    /// The broker, for a user who may configure, write and read `applications.*`.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: BrokerUri,

    /// Queues of each channel: 1, 2, 4, 8, 16, 32 or 64. More than this stay as they are.
    #[arg(long, env = "SHARDS", default_value_t)]
    pub shards: Shards,

    /// Allow clear text to a broker on another machine. For trusted networks.
    #[arg(long, env = "ALLOW_CLEAR_TEXT")]
    pub allow_clear_text: bool,
}

impl Config {
    /// Returns the broker, with the topology mode and the queues for its connections.
    pub(crate) fn broker(&self) -> BrokerUri {
        let broker = self.amqp_url.clone().with_topology(self.topology);
        broker.with_shards(self.shards)
    }
}

/// Configuration of `worker sums`.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "worker sums",
    about = "Prints how many applications are on the register, by outcome, and how many messages wait"
)]
pub struct SumsConfig {
    /// Allow clear text to a broker and a database on other machines. For trusted networks.
    #[arg(long, env = "ALLOW_CLEAR_TEXT")]
    pub allow_clear_text: bool,

    /// The broker: amqp://user:password@host:port/virtual-host, with commas between the hosts of a
    /// cluster.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: BrokerUri,

    /// Queues of each channel that are counted: as many as the workers consume.
    #[arg(long, env = "SHARDS", default_value_t)]
    pub shards: Shards,

    /// The benefits database: postgres://user:password@host:port/database, with commas between
    /// several hosts.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,
}
