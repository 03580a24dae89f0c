//! Configuration of the HTTP edge of every service.

use std::path::PathBuf;

use crate::cors::Origin;

/// Settings of the HTTP edge: each is an option or an environment variable.
#[derive(Debug, Clone, clap::Args)]
pub struct EdgeConfig {
    /// Requests per minute that one citizen may send to each process, a quarter of them at once; 0
    /// means no limit.
    #[arg(long, env = "CITIZEN_REQUESTS_PER_MINUTE", default_value_t = 60)]
    pub citizen_requests_per_minute: u32,

    /// Requests per minute that one organisation may send to each process, a quarter of them at
    /// once; 0 means no limit.
    #[arg(long, env = "ORGANISATION_REQUESTS_PER_MINUTE", default_value_t = 6000)]
    pub organisation_requests_per_minute: u32,

    /// Requests per minute that one operator may send to each process, a quarter of them at once; 0
    /// means no limit.
    #[arg(long, env = "OPERATOR_REQUESTS_PER_MINUTE", default_value_t = 600)]
    pub operator_requests_per_minute: u32,

    /// Requests that each process handles at once for one citizen; 0 means no limit.
    #[arg(long, env = "CITIZEN_REQUESTS_AT_ONCE", default_value_t = 8)]
    pub citizen_requests_at_once: u32,

    /// Requests that each process handles at once for one organisation; 0 means no limit.
    #[arg(long, env = "ORGANISATION_REQUESTS_AT_ONCE", default_value_t = 32)]
    pub organisation_requests_at_once: u32,

    /// Requests that each process handles at once for one operator; 0 means no limit.
    #[arg(long, env = "OPERATOR_REQUESTS_AT_ONCE", default_value_t = 8)]
    pub operator_requests_at_once: u32,

    /// Origins whose pages may call the API from a browser, separated by commas:
    /// https://portal.example.org.
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<Origin>,

    /// File with the certificate chain (PEM). With it and its key, the service accepts only TLS 1.2
    /// and 1.3.
    #[arg(long, env = "TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,

    /// File with the certificate's private key (PEM).
    #[arg(long, env = "TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}
