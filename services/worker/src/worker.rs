//! The process: its lanes, its health page, and their end.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sportello_catalogue::{BrokenCatalogue, LiveCatalogue};
use sportello_http::{ListenError, Server};
use sportello_store::{InvalidUrl, SchemaError, Store, StoreOptions};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, MigrateConfig};
use crate::drain::Drain;
use crate::health::{self, Attachments};

/// How long the batches in hand may take to end once the process is told to; less than the 30 s that container
/// platforms give before they kill.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(25);

/// Why the worker can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The catalogue's files can't be used; every mistake is told.
    #[error("CATALOGUE: {0}")]
    Catalogue(#[from] BrokenCatalogue),
    /// The address of the database can't be used.
    #[error("DATABASE_URL: {0}")]
    Store(#[from] InvalidUrl),
    /// The health page's address is taken or not this machine's.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// Why the worker ended other than it should.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The database does not have the schema that this version needs.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A lane ended without being told to; nothing is lost, what it had taken is delivered again.
    #[error("a lane ended without being told to")]
    Lane,
    /// The health page could not go on.
    #[error("the health page ended: {0}")]
    Health(#[from] io::Error),
    /// The batches in hand did not end in time; nothing is lost, they are delivered again.
    #[error("the batches in hand did not end within {} s", SHUTDOWN_DEADLINE.as_secs())]
    Overdue,
}

/// Why the migrations were not run.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The address of the database can't be used.
    #[error("DATABASE_URL: {0}")]
    Store(#[from] InvalidUrl),
    /// The database is away, or refuses.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// The parts of the worker, ready to run.
pub struct Worker {
    config: Config,
    store: Store,
    catalogue: LiveCatalogue,
    server: Server,
    metrics: Option<sportello_telemetry::Metrics>,
}

impl Worker {
    /// Builds the parts; connecting goes on in the background. To be called on a tokio runtime of several threads.
    ///
    /// # Errors
    /// [`StartError`] says which setting is wrong.
    pub fn build(config: Config, metrics: Option<sportello_telemetry::Metrics>) -> Result<Self, StartError> {
        let catalogue = LiveCatalogue::start(config.catalogue.clone())?;
        // one for each transaction at once, one for the budgets, one for the retention, one for the health page
        let connections = u32::from(config.lanes.get()) + 3;
        let store = open(&config.database_url, connections)?;
        let server = Server::bind(config.addr)?.with_threads(NonZeroUsize::MIN);
        Ok(Self {
            config,
            store,
            catalogue,
            server,
            metrics,
        })
    }

    /// The address of the health page.
    ///
    /// # Errors
    /// The system does not know.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.server.address()
    }

    /// Drains the queues until `stop` ends; then settles the batches in hand and closes the connections, in 25 s at
    /// most.
    ///
    /// # Errors
    /// [`WorkerError`]: a part that ends by itself ends all of them, in order.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), WorkerError> {
        let stopping = CancellationToken::new();
        let attachments = Attachments::default();
        let checks = health::checks(
            self.store.clone(),
            self.catalogue.clone(),
            Arc::clone(&attachments),
        );
        let health = health::serve(self.server, checks, self.metrics, &stopping);
        let health = ends_all(&stopping, async { Ok(health.await?) });
        let drain = Drain {
            config: self.config,
            store: self.store.clone(),
            catalogue: self.catalogue,
            attachments,
            stopping: stopping.clone(),
        };
        let lanes = ends_all(&stopping, drain.run());
        let work = async {
            let (lanes, health) = tokio::join!(lanes, health);
            self.store.close().await;
            lanes.and(health)
        };
        tokio::select! {
            ended = work => ended,
            error = overdue(stop, &stopping) => Err(error),
        }
    }
}

/// Runs the migrations that the database has not had yet.
///
/// # Errors
/// [`MigrateError`].
pub async fn migrate(config: &MigrateConfig) -> Result<(), MigrateError> {
    let store = open(&config.database_url, 1)?;
    store.migrate().await?;
    store.close().await;
    Ok(())
}

fn open(url: &SecretString, max_connections: u32) -> Result<Store, InvalidUrl> {
    let options = StoreOptions {
        application_name: "worker".into(),
        max_connections,
        ..StoreOptions::default()
    };
    Store::connect(url.expose_secret(), &options)
}

/// When a part ends, for whatever reason, the others are told to.
async fn ends_all<T>(stopping: &CancellationToken, part: impl Future<Output = T>) -> T {
    let ended = part.await;
    stopping.cancel();
    ended
}

/// Tells the parts to end when `stop` does, and gives up on them after a while.
async fn overdue(stop: impl Future<Output = ()>, stopping: &CancellationToken) -> WorkerError {
    tokio::select! {
        () = stop => tracing::info!("told to stop: the batches in hand are settled"),
        () = stopping.cancelled() => {}
    }
    stopping.cancel();
    tokio::time::sleep(SHUTDOWN_DEADLINE).await;
    WorkerError::Overdue
}
