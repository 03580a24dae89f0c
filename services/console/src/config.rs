//! Configuration: options and environment variables.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use sportello_http::EdgeConfig;
use sportello_queue::BrokerUri;
use sportello_scaling::{HandSettings, ScalingSettings};

use crate::pages::PagesConfig;
use crate::sampler::Address;

/// The console's configuration: each setting is an option or an environment variable.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "console",
    about = "Shows operators the system, and takes what they decide",
    after_help = "`console agent` starts and stops workers as the console wants."
)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "CONSOLE_ADDR", default_value = "127.0.0.1:8083")]
    pub addr: SocketAddr,

    /// Address of the health pages and metrics, for operators only; port 0 takes a free one.
    #[arg(long, env = "INTERNAL_ADDR", default_value = "127.0.0.1:9084")]
    pub internal_addr: SocketAddr,

    /// The benefits database: postgres://user:password@host:port/database, with commas between
    /// several hosts.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,

    /// The broker: amqp://user:password@host:port/vhost.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: BrokerUri,

    /// The broker's management API, for the proof that nothing is lost:
    /// http://user:password@host:15672, for a user with the tag `monitoring` and some permission
    /// for the virtual host. Without it a loss is proved only where a worker has it.
    #[arg(long, env = "MANAGEMENT_URL", hide_env_values = true)]
    pub management_url: Option<SecretString>,

    /// File with the trusted issuers of tokens (TOML).
    #[arg(long, env = "IDENTITY_CONFIG")]
    pub identity_config: PathBuf,

    /// Folder of the benefits' files.
    #[arg(long, env = "CATALOGUE")]
    pub catalogue: PathBuf,

    /// Allow clear text to the broker, its management API and the database on other machines. For
    /// trusted networks.
    #[arg(long, env = "ALLOW_CLEAR_TEXT")]
    pub allow_clear_text: bool,

    /// What the console asks.
    #[command(flatten)]
    pub targets: TargetConfig,

    /// The workers.
    #[command(flatten)]
    pub workers: WorkersConfig,

    /// The page.
    #[command(flatten)]
    pub pages: PagesConfig,

    /// Live streams that one operator may have open.
    #[arg(long, env = "STREAMS_PER_OPERATOR", default_value_t = 8)]
    pub streams_per_operator: u32,

    /// Live streams that may be open in all.
    #[arg(long, env = "STREAMS", default_value_t = 1000)]
    pub streams: u32,

    /// Limits of the HTTP edge.
    #[command(flatten)]
    pub edge: EdgeConfig,
}

/// What the console asks: internal addresses, separated by commas. A name stands for all its
/// addresses.
#[derive(Debug, Clone, clap::Args)]
pub struct TargetConfig {
    /// Internal addresses of intake.
    #[arg(long, env = "INTAKE_ADDRS", value_delimiter = ',')]
    pub intake_addrs: Vec<Address>,

    /// Internal addresses at which workers may run.
    #[arg(long, env = "WORKER_ADDRS", value_delimiter = ',')]
    pub worker_addrs: Vec<Address>,

    /// Internal addresses of status.
    #[arg(long, env = "STATUS_ADDRS", value_delimiter = ',')]
    pub status_addrs: Vec<Address>,

    /// Internal addresses of the portal.
    #[arg(long, env = "PORTAL_ADDRS", value_delimiter = ',')]
    pub portal_addrs: Vec<Address>,

    /// Addresses of the broker's metrics (plugin rabbitmq_prometheus), of every node.
    #[arg(long, env = "BROKER_METRICS_ADDRS", value_delimiter = ',')]
    pub broker_metrics_addrs: Vec<Address>,
}

/// The workers: what counts until an operator changes it, and what starts and stops them.
#[derive(Debug, Clone, clap::Args)]
pub struct WorkersConfig {
    /// The bounds.
    #[command(flatten)]
    pub scaling: ScalingSettings,

    /// The hand.
    #[command(flatten)]
    pub hand: HandSettings,

    /// Secret of at least 32 characters by which agents and KEDA read the wanted number; without it
    /// only operators do.
    #[arg(long, env = "AGENT_TOKEN", hide_env_values = true)]
    pub agent_token: Option<SecretString>,
}
