//! Configuration: options and environment variables.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use sportello_http::EdgeConfig;

/// The status service's configuration: each setting is an option or an environment variable.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "status", about = "Shows holders the status of their applications")]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "STATUS_ADDR", default_value = "127.0.0.1:8081")]
    pub addr: SocketAddr,

    /// Address of the health pages and metrics, for operators only; port 0 takes a free one.
    #[arg(long, env = "INTERNAL_ADDR", default_value = "127.0.0.1:9081")]
    pub internal_addr: SocketAddr,

    /// The benefits database: postgres://user:password@host:port/database, with commas between
    /// several hosts.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,

    /// File with the trusted issuers of tokens (TOML).
    #[arg(long, env = "IDENTITY_CONFIG")]
    pub identity_config: PathBuf,

    /// Address of intake's public receipt keys: https, or http on this machine.
    #[arg(long, env = "RECEIPT_JWKS_URL")]
    pub receipt_jwks_url: String,

    /// Secret of at least 32 bytes that all intake and status processes share.
    #[arg(long, env = "APPLICATION_ID_SECRET", hide_env_values = true)]
    pub application_id_secret: SecretString,

    /// The previous secret, for as long as receipts made with it are shown.
    #[arg(long, env = "APPLICATION_ID_SECRET_PREVIOUS", hide_env_values = true)]
    pub application_id_secret_previous: Option<SecretString>,

    /// Allow clear text to a database on another machine, and to intake for its keys. For trusted
    /// networks.
    #[arg(long, env = "ALLOW_CLEAR_TEXT")]
    pub allow_clear_text: bool,

    /// Address under which callers reach this service.
    #[arg(long, env = "STATUS_PUBLIC_URL")]
    pub public_url: String,

    /// Limits of the HTTP edge.
    #[command(flatten)]
    pub edge: EdgeConfig,
}
