//! What the process is told.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use secrecy::SecretString;
use sportello_queue::BrokerUri;

use crate::turns::Weights;

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

    /// Applications of one transaction, of intermediaries never more than 500. The last message is taken whole, so that
    /// there may be some more.
    #[arg(long, env = "WORKER_BATCH", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub batch: u32,

    /// Transactions at once, which both queues share. Each queue has a consumer more, with a connection to the broker,
    /// so that a batch is at hand whenever a turn is free.
    #[arg(long, env = "WORKER_LANES", default_value = "2", value_parser = lanes)]
    pub lanes: NonZeroU16,

    /// How many applications of citizens are registered for how many of intermediaries while both wait; one alone gets
    /// all turns.
    #[arg(long, env = "WORKER_WEIGHTS", default_value = "4:1")]
    pub weights: Weights,

    /// Messages that the broker hands to each consumer before any is acknowledged. A batch is at most a quarter of
    /// it. One crash counts as a delivery of all of them.
    #[arg(long, env = "PREFETCH", default_value_t = 160, value_parser = clap::value_parser!(u16).range(4..=2_000))]
    pub prefetch: u16,

    /// How long registering waits while intake sends people away, in seconds: where it takes from the same processors or
    /// disks, more are let in meanwhile, and what is in the queue is kept. It waits again once nobody was sent away for as
    /// long. 0: it never does.
    #[arg(long, env = "CROWD_PATIENCE_SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=3_600))]
    pub crowd_patience_seconds: u32,
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

/// Most transactions at once.
const MOST_LANES: u16 = 64;

fn lanes(text: &str) -> Result<NonZeroU16, String> {
    let lanes = text
        .parse()
        .ok()
        .filter(|lanes: &NonZeroU16| lanes.get() <= MOST_LANES);
    lanes.ok_or_else(|| format!("a number from 1 to {MOST_LANES}"))
}
