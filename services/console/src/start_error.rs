//! Why the console can't start.

use sportello_catalogue::BrokenCatalogue;
use sportello_http::{ListenError, TlsError};
use sportello_identity::ConfigError;
use sportello_queue::{ClearTextError, InvalidManagementUrl};
use sportello_scaling::{AgentError, HandError};
use sportello_store::InvalidUrl;

use crate::pages::AssetsError;

/// Shortest token of agents.
pub(crate) const SHORTEST_TOKEN: usize = 32;

/// Why the console can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The trusted issuers can't be read.
    #[error(transparent)]
    Identity(#[from] ConfigError),
    /// The client that fetches keys can't be made.
    #[error("keys can't be fetched: {0}")]
    Keys(#[from] sportello_identity::StartError),
    /// The catalogue can't be used.
    #[error(transparent)]
    Catalogue(#[from] BrokenCatalogue),
    /// The address of the database is not valid.
    #[error("DATABASE_URL: {0}")]
    Store(#[from] InvalidUrl),
    /// The connection to the broker would be in clear text.
    #[error("AMQP_URL: {0}")]
    Broker(#[from] ClearTextError),
    /// The address of the broker's management API is not valid.
    #[error("MANAGEMENT_URL: {0}")]
    Management(#[from] InvalidManagementUrl),
    /// The page's assets can't be used.
    #[error("ASSETS: {0}")]
    Assets(#[from] AssetsError),
    /// The client of the sampler can't be made.
    #[error("the services can't be asked: {0}")]
    Client(#[from] reqwest::Error),
    /// What starts and stops workers can't be reached.
    #[error("WORKER_HAND: {0}")]
    Hand(#[from] HandError),
    /// The agent can make no requests.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The agents' token is too short to be a secret.
    #[error("AGENT_TOKEN has fewer than {SHORTEST_TOKEN} characters: use openssl rand -base64 32")]
    AgentToken,
    /// The address is in use or does not belong to this machine.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The files for TLS are not usable.
    #[error(transparent)]
    Tls(#[from] TlsError),
}
