//! Why the worker or one of its commands ended.

use std::io;
use std::time::Duration;

use sportello_catalogue::BrokenCatalogue;
use sportello_http::ListenError;
use sportello_queue::{ClearTextError, ConnectError, InvalidManagementUrl};
use sportello_store::{InvalidUrl, SchemaError};

/// Limit for settling the messages in hand at shutdown. Less than the 30 s that container platforms
/// wait before they kill.
pub(crate) const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(25);

/// Why the worker can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The catalogue's files have mistakes; the error lists all of them.
    #[error("CATALOGUE: {0}")]
    Catalogue(#[from] BrokenCatalogue),
    /// The address of the database is not valid.
    #[error("DATABASE_URL: {0}")]
    Store(#[from] InvalidUrl),
    /// The address of the broker's management API is not valid.
    #[error("MANAGEMENT_URL: {0}")]
    Management(#[from] InvalidManagementUrl),
    /// The connection to the broker would be in clear text.
    #[error("AMQP_URL: {0}")]
    Broker(#[from] ClearTextError),
    /// The health page's address is in use or does not belong to this machine.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// Why the worker ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The database does not have the schema that this version needs.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A lane ended by itself. Nothing is lost: the broker delivers its messages again.
    #[error("a lane ended by itself")]
    Lane,
    /// The health page failed.
    #[error("the health page ended: {0}")]
    Health(#[from] io::Error),
    /// The messages in hand were not settled in time. Nothing is lost: the broker delivers them
    /// again.
    #[error("the messages in hand were not settled within {} s", SHUTDOWN_DEADLINE.as_secs())]
    Overdue,
}

/// Why the migrations were not run.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The address of the database is not valid.
    #[error("DATABASE_URL: {0}")]
    Store(#[from] InvalidUrl),
    /// The database is away, or refuses.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// Why the exchanges and queues were not declared.
#[derive(Debug, thiserror::Error)]
pub enum DeclareError {
    /// The connection to the broker would be in clear text.
    #[error("AMQP_URL: {0}")]
    ClearText(#[from] ClearTextError),
    /// The broker is away, or refuses.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}
