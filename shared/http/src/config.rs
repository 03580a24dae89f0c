//! What every service's HTTP edge is told.

use std::path::PathBuf;

use crate::cors::Origin;

/// Settings of the HTTP edge: each is an option or an environment variable.
#[derive(Debug, Clone, clap::Args)]
pub struct EdgeConfig {
    /// Requests a minute that one citizen may send to each process; 0 is without limit.
    #[arg(long, env = "CITIZEN_REQUESTS_PER_MINUTE", default_value_t = 60)]
    pub citizen_requests_per_minute: u32,

    /// Requests a minute that all of one organisation together may send to each process; 0 is without limit.
    #[arg(long, env = "ORGANISATION_REQUESTS_PER_MINUTE", default_value_t = 6000)]
    pub organisation_requests_per_minute: u32,

    /// Requests a minute that one operator may send to each process; 0 is without limit.
    #[arg(long, env = "OPERATOR_REQUESTS_PER_MINUTE", default_value_t = 600)]
    pub operator_requests_per_minute: u32,

    /// Origins whose pages may call from a browser, with commas between: https://portal.example.org.
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<Origin>,

    /// File with the chain of certificates (PEM): with it and its key, all that is spoken is TLS 1.2 or 1.3.
    #[arg(long, env = "TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,

    /// File with the certificate's private key (PEM).
    #[arg(long, env = "TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}
