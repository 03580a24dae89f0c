//! Configuration: options and environment variables.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use secrecy::SecretString;
use sportello_http::EdgeConfig;
use sportello_queue::topology::Topology;
use sportello_queue::{BrokerUri, Shards};

/// Intake's configuration: each setting is an option or an environment variable.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "intake",
    about = "Accepts benefit applications: validates and enqueues them",
    after_help = "`intake keys new` makes the receipt keys; `intake keys --help` says how to change them.\n\
                  `intake replay` publishes what a spool holds whose process does not come back."
)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "INTAKE_ADDR", default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,

    /// Address of the health pages and metrics, for operators only; port 0 takes a free one.
    #[arg(long, env = "INTERNAL_ADDR", default_value = "127.0.0.1:9080")]
    pub internal_addr: SocketAddr,

    /// The broker: amqp://user:password@host:port/virtual-host, with commas between the hosts of a
    /// cluster.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: BrokerUri,

    /// Whether to expect the broker's exchanges and queues (`worker topology` declares them) or to
    /// declare them, which needs all permissions for the user of AMQP_URL.
    #[arg(long, env = "TOPOLOGY", default_value = "expect")]
    pub topology: Topology,

    /// Queues of each channel: 1, 2, 4, 8, 16, 32 or 64. All applications of a person go to the
    /// same one. Workers must consume as many (their SHARDS) before.
    #[arg(long, env = "SHARDS", default_value_t)]
    pub shards: Shards,

    /// Allow clear text to a broker on another machine. For trusted networks.
    #[arg(long, env = "ALLOW_CLEAR_TEXT")]
    pub allow_clear_text: bool,

    /// File with the trusted issuers of tokens (TOML).
    #[arg(long, env = "IDENTITY_CONFIG")]
    pub identity_config: PathBuf,

    /// Folder with the benefits' files (TOML).
    #[arg(long, env = "CATALOGUE")]
    pub catalogue: PathBuf,

    /// File with the receipt keys (JWK set), the same for all intake processes; `intake keys new`
    /// makes it.
    #[arg(long, env = "RECEIPT_KEYS")]
    pub receipt_keys: PathBuf,

    /// Secret of at least 32 bytes that all intake and status processes share.
    #[arg(long, env = "APPLICATION_ID_SECRET", hide_env_values = true)]
    pub application_id_secret: SecretString,

    /// Address under which callers reach this service; receipts name it as their issuer.
    #[arg(long, env = "INTAKE_PUBLIC_URL")]
    pub public_url: String,

    /// Address under which callers reach the status service; may be the same behind a gateway.
    #[arg(long, env = "STATUS_PUBLIC_URL")]
    pub status_public_url: String,

    /// Rows of batches that are put into the queue a second, over all uploads of the process. Rows
    /// over the limit wait in their upload.
    #[arg(long, env = "BATCH_ROWS_PER_SECOND", default_value = "3000")]
    pub batch_rows_per_second: NonZeroU32,

    /// Folder on a local disk that lasts, of this process alone. Single applications are kept there
    /// while the broker is away; without it the answer is 503. Not for a disk that ends with the
    /// process.
    #[arg(long, env = "SPOOL_FOLDER")]
    pub spool_folder: Option<PathBuf>,

    /// Most mebibytes of applications in the spool; the file takes about twice that.
    #[arg(long, env = "SPOOL_MIB", default_value = "1024")]
    pub spool_mib: NonZeroU32,

    /// Seconds for which the spool accepts applications after the broker was last seen.
    #[arg(long, env = "SPOOL_SECONDS", default_value = "900")]
    pub spool_seconds: NonZeroU32,

    /// Limits of the HTTP edge.
    #[command(flatten)]
    pub edge: EdgeConfig,
}
