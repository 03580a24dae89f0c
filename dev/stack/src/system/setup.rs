//! What a system is made of.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Programs, folders and settings of the system.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Setup {
    /// The folder of the built programs `intake`, `worker`, `status`, `portal` and `console`.
    pub programs: PathBuf,
    /// The folder of the identity provider, with its packages installed.
    pub identity_provider: PathBuf,
    /// The folder of the benefits' files; the system uses a copy.
    #[serde(default)]
    pub catalogue: PathBuf,
    /// The folder of the portal's built scripts and styles; without it there is neither portal nor
    /// gateway nor console, and intake and status are called directly.
    #[serde(default)]
    pub portal_assets: Option<PathBuf>,
    /// Whether the console runs without the portal, too: its API alone, on its own address.
    #[serde(default)]
    pub console: bool,
    /// Whether portal, API and identity provider are at three sites with TLS: `a.test`, `b.test`
    /// and `c.test`.
    #[serde(default)]
    pub three_sites: bool,
    /// The command line by which the console sets the number of workers; without it only people do.
    #[serde(default)]
    pub worker_command: Option<String>,
    /// Whether the private servers are three RabbitMQ nodes and a PostgreSQL primary with its
    /// standby, with data of their own.
    #[serde(default)]
    pub cluster: bool,
    /// Whether a caller's proxies are between the nodes: see [`Cluster::links`].
    #[serde(default)]
    pub has_links: bool,
    /// An external PostgreSQL server, instead of a private one.
    pub database_url: Option<String>,
    /// An external RabbitMQ node, instead of a private one.
    pub amqp_url: Option<String>,
    /// More environment variables of every service; they override the default ones.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// More variables of single parts, by the part's name; they override those of every service.
    /// Those of `worker` reach each worker.
    #[serde(default)]
    pub settings_by_part: BTreeMap<String, BTreeMap<String, String>>,
    /// Whether operators come from the mint instead of the identity provider: only one issuer may
    /// have operators.
    #[serde(default)]
    pub generated_operators: bool,
    /// Niceness of all services, from 0 to 9; a worker's is 10 more.
    #[serde(default)]
    pub niceness: u8,
}
