//! What the process is told.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use sportello_http::EdgeConfig;
use url::Url;

/// The status service's configuration: each setting is an option or an environment variable.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "status",
    about = "Tells the holder of an application what became of it"
)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "STATUS_ADDR", default_value = "127.0.0.1:8081")]
    pub addr: SocketAddr,

    /// The benefits database: postgres://user:password@host:port/database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,

    /// File with the trusted issuers of tokens (TOML).
    #[arg(long, env = "IDENTITY_CONFIG")]
    pub identity_config: PathBuf,

    /// Where intake publishes the keys that receipts are checked with.
    #[arg(long, env = "RECEIPT_JWKS_URL")]
    pub receipt_jwks_url: Url,

    /// Secret of at least 32 bytes that all intake and status processes share.
    #[arg(long, env = "APPLICATION_ID_SECRET", hide_env_values = true)]
    pub application_id_secret: SecretString,

    /// Address under which callers reach this service.
    #[arg(long, env = "STATUS_PUBLIC_URL")]
    pub public_url: String,

    /// What bounds the HTTP edge.
    #[command(flatten)]
    pub edge: EdgeConfig,
}
