//! What the process is told.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use sportello_queue::BrokerUri;

/// The worker's configuration: each setting is an option or an environment variable.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "worker",
    about = "Drains the queues into the benefits database",
    after_help = "`worker migrate` runs the migrations that the database has not had yet."
)]
pub struct Config {
    /// Address of the health page; port 0 takes a free one.
    #[arg(long, env = "WORKER_ADDR", default_value = "127.0.0.1:8082")]
    pub addr: SocketAddr,

    /// The broker: amqp://user:password@host:port/virtual-host.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: BrokerUri,

    /// The benefits database: postgres://user:password@host:port/database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,

    /// The folder of the benefits' files (TOML), followed while the worker runs.
    #[arg(long, env = "CATALOGUE")]
    pub catalogue: PathBuf,

    /// Applications of one transaction. The last message is taken whole, so that there may be some more.
    #[arg(long, env = "WORKER_BATCH", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub batch: u32,

    /// Consumers of each queue; each has a connection to the broker and uses one to the database.
    #[arg(long, env = "WORKER_LANES", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub lanes: u16,

    /// Messages that the broker hands to each consumer before any is acknowledged. A batch is at most a quarter of
    /// it. One crash counts as a delivery of all of them.
    #[arg(long, env = "PREFETCH", default_value_t = 200, value_parser = clap::value_parser!(u16).range(4..=2_000))]
    pub prefetch: u16,
}

/// What `worker migrate` is told.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "worker migrate",
    about = "Runs the migrations that the database has not had yet; several processes may do it at once"
)]
pub struct MigrateConfig {
    /// The benefits database: postgres://user:password@host:port/database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,
}
