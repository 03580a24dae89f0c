//! The process: its lanes, its health page, and its shutdown.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use sportello_catalogue::LiveCatalogue;
use sportello_http::Server;
use sportello_ledger::LedgerTask;
use sportello_queue::{Management, Members, TotalsProbe};
use sportello_store::{InvalidUrl, Store, StoreOptions};
use tokio_util::sync::CancellationToken;

use crate::allotter::Allotter;
use crate::backlog::Backlog;
use crate::config::{Config, MigrateConfig, TopologyConfig};
use crate::drain::Drain;
use crate::error::{DeclareError, MigrateError, SHUTDOWN_DEADLINE, StartError, WorkerError};
use crate::health::{self, Lanes};

/// The parts of the worker, ready to run.
pub struct Worker {
    config: Config,
    store: Store,
    catalogue: LiveCatalogue,
    members: Option<Members>,
    totals: Option<TotalsProbe>,
    server: Server,
    metrics: Option<sportello_telemetry::Metrics>,
}

impl Worker {
    /// Builds the parts; connecting goes on in the background. To be called on a tokio runtime of
    /// several threads.
    ///
    /// # Errors
    /// [`StartError`] names the wrong setting.
    pub fn build(config: Config, metrics: Option<sportello_telemetry::Metrics>) -> Result<Self, StartError> {
        let catalogue = LiveCatalogue::start(config.catalogue.clone())?;
        let connections = config.size.connections().into();
        let store = open(&config.database_url, connections, config.allow_clear_text)?;
        let config = Config {
            amqp_url: config.amqp_url.guarded(config.allow_clear_text)?,
            ..config
        };
        let management = config.management_url.as_ref();
        let client = |url: &SecretString| {
            Management::new(url.expose_secret(), &config.amqp_url, config.allow_clear_text)
        };
        let management = management.map(client).transpose()?;
        let members = management.clone().map(Members::watch);
        let totals = management.map(TotalsProbe::new);
        let server = Server::bind_internal(config.internal_addr)?.with_threads(NonZeroUsize::MIN);
        Ok(Self {
            config,
            store,
            catalogue,
            members,
            totals,
            server,
            metrics,
        })
    }

    /// Returns the address of the health page.
    ///
    /// # Errors
    /// The system can't report the address.
    pub fn internal_address(&self) -> io::Result<SocketAddr> {
        self.server.internal_address()
    }

    /// Drains the queues until `stop` ends; then settles the messages in hand and closes the
    /// connections, within 25 s.
    ///
    /// # Errors
    /// [`WorkerError`]: a part that ends by itself ends all of them, in order.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), WorkerError> {
        let stopping = CancellationToken::new();
        let lane_signs = Lanes::default();
        let allotter = Allotter::new(self.store.clone(), self.catalogue.clone());
        let backlog = Backlog::new();
        let ledger = LedgerTask::new(self.store.clone(), self.config.broker(), "worker", self.totals);
        let mut checks = health::checks(
            &self.store,
            self.catalogue.clone(),
            allotter.clone(),
            Arc::clone(&lane_signs),
        );
        if !self.config.shards.is_one() {
            checks.push(health::shards(Arc::clone(&lane_signs)));
        }
        checks.extend(self.members.map(health::members));
        checks.extend(backlog.checks());
        checks.push(health::losses(ledger.losses()));
        let health = health::serve(self.server, checks, self.metrics, &stopping);
        let health = ends_all(&stopping, async { Ok(health.await?) });
        let drain = Drain {
            config: self.config,
            store: self.store.clone(),
            catalogue: self.catalogue,
            lanes: lane_signs,
            allotter,
            backlog,
            stopping: stopping.clone(),
        };
        let lanes = ends_all(&stopping, drain.run(ledger));
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

/// Runs the migrations that the database lacks.
///
/// # Errors
/// [`MigrateError`].
pub async fn migrate(config: &MigrateConfig) -> Result<(), MigrateError> {
    let store = open(&config.database_url, 1, config.allow_clear_text)?;
    store.migrate().await?;
    store.close().await;
    Ok(())
}

/// Declares the exchanges and queues at the broker, those of the shards too; existing ones stay as
/// they are.
///
/// # Errors
/// [`DeclareError`].
pub async fn declare_topology(config: &TopologyConfig) -> Result<(), DeclareError> {
    let broker = config.amqp_url.clone().guarded(config.allow_clear_text)?;
    Ok(sportello_queue::declare_topology(&broker.with_shards(config.shards)).await?)
}

fn open(url: &SecretString, max_connections: u32, allow_clear_text: bool) -> Result<Store, InvalidUrl> {
    let options = StoreOptions {
        application_name: "worker".into(),
        max_connections,
        allow_clear_text,
        ..StoreOptions::default()
    };
    Store::connect(url.expose_secret(), &options)
}

/// Signals the other parts to stop when a part ends, for whatever reason.
async fn ends_all<T>(stopping: &CancellationToken, part: impl Future<Output = T>) -> T {
    let ended = part.await;
    stopping.cancel();
    ended
}

/// Signals the parts to stop when `stop` ends, and gives up on them after [`SHUTDOWN_DEADLINE`].
async fn overdue(stop: impl Future<Output = ()>, stopping: &CancellationToken) -> WorkerError {
    tokio::select! {
        () = stop => tracing::info!("stopping: settling the messages in hand"),
        () = stopping.cancelled() => {}
    }
    stopping.cancel();
    tokio::time::sleep(SHUTDOWN_DEADLINE).await;
    WorkerError::Overdue
}
