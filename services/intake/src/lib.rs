//! Thin HTTP API: validates and enqueues. It never uses a database.
//!
//! One request: the caller's token → the body, within bounds → an
//! [`Application`](sportello_domain::Application) → the queue, and the broker's confirm → the
//! signed receipt → `202`.

mod accept;
mod answered;
mod api_doc;
mod arrivals;
mod batch;
mod channel_state;
mod checks;
mod config;
mod endpoints;
mod fallback;
mod keys;
mod orphan;
mod pages;
mod parts;
mod request;
mod validate;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig};
use sportello_catalogue::{BrokenCatalogue, LiveCatalogue};
use sportello_domain::{IdSecret, IdSecretError};
use sportello_http::{DailyQuota, Health, ListenError, Server, TlsError};
use sportello_identity::{Config as IdentityConfig, ConfigError, Verifier};
use sportello_queue::{BrokerUri, ClearTextError, Edge, Publisher, PublisherConfig};
use sportello_receipt::{KeyFileError, ReceiptKeys, ReceiptSigner};
use sportello_signals::{BrokerClock, ChannelSettings, OverloadReporter};
use sportello_telemetry::Metrics;

use answered::Answered;
pub use api_doc::api_doc;
use batch::Batches;
use checks::Watched;
pub use config::Config;
use fallback::{Fallback, Replay};
pub use keys::{KeysCommand, KeysConfig, change_keys};
pub use orphan::{ReplayConfig, ReplayError, replay_spool};
use pages::Pages;
use parts::{Parts, StatusUrl};

/// Limit for the last confirms at shutdown.
const DRAIN: Duration = Duration::from_secs(5);

/// Why intake can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The trusted issuers can't be read.
    #[error(transparent)]
    Identity(#[from] ConfigError),
    /// The client that fetches the issuers' keys can't be made.
    #[error("the issuers' keys can't be fetched: {0}")]
    Keys(#[from] sportello_identity::StartError),
    /// The file of receipt keys is missing or can't be read.
    #[error(transparent)]
    ReceiptKeys(#[from] KeyFileError),
    /// The secret for ids is not valid.
    #[error("APPLICATION_ID_SECRET: {0}")]
    Secret(#[from] IdSecretError),
    /// The benefits' files have mistakes.
    #[error(transparent)]
    Catalogue(#[from] BrokenCatalogue),
    /// The connection to the broker would be in clear text.
    #[error("AMQP_URL: {0}")]
    Broker(#[from] ClearTextError),
    /// The system can't start threads for uploads.
    #[error("the threads for uploads can't start: {0}")]
    Threads(io::Error),
    /// The address is in use or does not belong to this machine.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The spool can't be opened.
    #[error(transparent)]
    Spool(#[from] sportello_spool::OpenError),
    /// The files for TLS are not usable.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// The parts of intake, ready to run.
pub struct Intake {
    server: Server,
    verifier: Data<Verifier>,
    parts: Data<Parts>,
    batches: Data<Batches>,
    catalogue: LiveCatalogue,
    publisher: Publisher,
    overload: OverloadReporter,
    replay: Option<Replay>,
    health: Health,
}

impl Intake {
    /// Builds the parts; connecting to the broker and fetching the issuers' keys go on in the
    /// background. To be called on a tokio runtime of several threads that outlives the server,
    /// since the publisher runs there.
    ///
    /// # Errors
    /// [`StartError`] names the wrong setting.
    pub fn build(config: Config, metrics: Option<Metrics>) -> Result<Self, StartError> {
        let fallback = Fallback::open(&config)?;
        let answered = Answered::default();
        arrivals::report(answered.clone());
        let verifier = Data::new(Verifier::start(IdentityConfig::load(&config.identity_config)?)?);
        let secret = IdSecret::new(&config.application_id_secret)?;
        let catalogue = LiveCatalogue::start(config.catalogue)?;
        let keys = ReceiptKeys::load(&config.receipt_keys)?;
        let signer = ReceiptSigner::new(keys, config.public_url);
        let server = Server::bind(config.addr, config.internal_addr)?.with_edge(&config.edge)?;
        let uri = config
            .amqp_url
            .guarded(config.allow_clear_text)?
            .with_topology(config.topology)
            .with_shards(config.shards);
        let channel_settings = ChannelSettings::start(uri.clone(), "intake");
        let clock = BrokerClock::start(uri.clone(), "intake");
        let overload = OverloadReporter::start(uri.clone(), "intake", server.overload());
        let edge = answered.edge(fallback.clone());
        let publisher = publisher(uri, config.spool_folder, edge);
        let checks = checks::all(&Watched {
            verifier: &verifier,
            catalogue: &catalogue,
            channel_settings: &channel_settings,
            clock: &clock,
            publisher: &publisher,
            shards: config.shards,
            fallback: fallback.as_ref(),
        });
        let health = Health::new(checks, metrics);
        let replay = fallback
            .clone()
            .map(|fallback| Replay::start(fallback, publisher.clone()));
        let parts = Data::new(Parts {
            catalogue: catalogue.clone(),
            channel_settings,
            clock,
            quota: DailyQuota::default(),
            secret,
            signer,
            publisher: publisher.clone(),
            shards: config.shards,
            answered,
            fallback,
            status: StatusUrl::new(&config.status_public_url),
        });
        let batches = Batches::start(parts.clone(), config.batch_rows_per_second);
        let batches = Data::new(batches.map_err(StartError::Threads)?);
        Ok(Self {
            server,
            verifier,
            parts,
            batches,
            catalogue,
            publisher,
            overload,
            replay,
            health,
        })
    }

    /// Returns the address that the service listens on.
    ///
    /// # Errors
    /// The system can't report the address.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.server.address()
    }

    /// Returns the address of the health pages and metrics.
    ///
    /// # Errors
    /// The system can't report the address.
    pub fn internal_address(&self) -> io::Result<SocketAddr> {
        self.server.internal_address()
    }

    /// Serves until `stop` ends. Then finishes the requests in flight, closes the spool, waits for
    /// the last confirms and closes the connection to the broker, in this order.
    ///
    /// # Errors
    /// The server can't start, or stopped by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let Self {
            server,
            verifier,
            parts,
            batches,
            catalogue,
            publisher,
            overload,
            replay,
            health,
        } = self;
        let pages = Data::new(Pages::new(catalogue, api_doc));
        let channel_settings = parts.channel_settings.clone();
        let stop = {
            let batches = batches.clone();
            async move {
                stop.await;
                batches.close();
            }
        };
        // on each thread of the server
        let routes = move |config: &mut ServiceConfig| {
            sportello_queue::open_thread_replies();
            config
                .app_data(verifier.clone())
                .app_data(parts.clone())
                .app_data(batches.clone())
                .app_data(pages.clone())
                .configure(endpoints::routes);
        };
        server.run(health, routes, stop).await?;
        drop(overload);
        if let Some(replay) = replay {
            replay.close().await;
        }
        if let Err(error) = publisher.drain(DRAIN).await {
            tracing::warn!(%error, "some applications in flight were not confirmed");
        }
        channel_settings.close().await;
        Ok(())
    }
}

/// With a spool the deadline of the broker is shorter, so that the disk has its time.
fn publisher(uri: BrokerUri, spool_folder: Option<PathBuf>, edge: Edge) -> Publisher {
    let config = PublisherConfig {
        edge,
        ..PublisherConfig::new(uri, "intake")
    };
    Publisher::start(match spool_folder {
        None => config,
        Some(folder) => PublisherConfig {
            deadline: fallback::BROKER,
            ledger_folder: Some(folder),
            ..config
        },
    })
}
