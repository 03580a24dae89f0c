//! The process: its parts, its start and its end.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig};
use sportello_dead_letters::Requeuer;
use sportello_http::{Check, Health, Server, Severity, endpoint};
use sportello_identity::{Config as IdentityConfig, Verifier};
use sportello_ledger::{LedgerTask, Losses};
use sportello_store::Store;
use sportello_telemetry::Metrics;
use tokio::sync::watch;

use crate::api_doc;
use crate::build::Common;
use crate::config::Config;
use crate::endpoints::routes;
use crate::pages::{self, Pages};
use crate::parts::Parts;
use crate::sampler::Sampler;
use crate::scaling::Automatic;
use crate::start_error::StartError;

/// How long a pass of the outbox, or of the auditor, may take when the console stops.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// The parts of the console, ready to run.
pub struct ConsoleService {
    server: Server,
    verifier: Data<Verifier>,
    parts: Data<Parts>,
    pages: Option<Data<Pages>>,
    sampler: Sampler,
    automatic: Automatic,
    requeuer: Requeuer,
    ledger: LedgerTask,
    health: Health,
}

impl ConsoleService {
    /// Builds the parts; connecting to database and broker goes on in the background. To be called
    /// on a tokio runtime of several threads that outlives the server.
    ///
    /// # Errors
    /// [`StartError`] names the wrong setting.
    pub async fn build(config: Config, metrics: Option<Metrics>) -> Result<Self, StartError> {
        let verifier = Data::new(Verifier::start(IdentityConfig::load(&config.identity_config)?)?);
        let server = Server::bind(config.addr, config.internal_addr)?.with_edge(&config.edge)?;
        let common = Common::of(&config)?;
        let (wanted, wanted_now) = watch::channel(None);
        let calls = common.store("console", 4)?;
        let ledger = common.ledger()?;
        let health = health(&verifier, &calls, &common, ledger.losses(), metrics);
        Ok(Self {
            server,
            verifier,
            sampler: common.sampler(wanted_now.clone())?,
            automatic: common.automatic(wanted).await?,
            requeuer: common.requeuer()?,
            ledger,
            parts: Data::new(common.parts(calls, wanted_now)?),
            pages: Pages::load(&config.pages)?.map(Data::new),
            health,
        })
    }

    /// Returns the address that the console listens on.
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

    /// Serves until `stop` ends, then ends the streams and finishes the requests in flight.
    ///
    /// # Errors
    /// The server can't start, or stopped by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let sampling = tokio::spawn(self.sampler.run());
        let deciding = tokio::spawn(self.automatic.run());
        let (verifier, parts, pages) = (self.verifier, self.parts, self.pages);
        let closing = parts.closing.clone();
        let requeueing = tokio::spawn(self.requeuer.run(closing.clone()));
        let auditing = tokio::spawn(self.ledger.run(closing.clone(), || {}));
        let stop = async move {
            stop.await;
            closing.cancel();
        };
        let channel_settings = parts.channel_settings.clone();
        let served = move |config: &mut ServiceConfig| {
            config
                .app_data(verifier.clone())
                .app_data(parts.clone())
                .service(endpoint::get("/openapi.json", api_doc::get_openapi))
                .configure(routes);
            if let Some(pages) = &pages {
                config.app_data(pages.clone()).configure(pages::routes);
            }
        };
        let ended = self.server.run(self.health, served, stop).await;
        sampling.abort();
        deciding.abort();
        // a pass that has begun is finished
        let finished = async { tokio::join!(requeueing, auditing) };
        if tokio::time::timeout(STOP_WITHIN, finished).await.is_err() {
            tracing::warn!(
                "letters were still being sent again, or the ledger audited: the next start goes on"
            );
        }
        channel_settings.close().await;
        ended
    }
}

fn health(
    verifier: &Data<Verifier>,
    store: &Store,
    common: &Common<'_>,
    losses: Losses,
    metrics: Option<Metrics>,
) -> Health {
    let (channel_settings, catalogue) = (common.channel_settings.clone(), common.catalogue.clone());
    let store = store.clone();
    let checks = vec![
        Check::identity(verifier),
        Check::issuer_keys(verifier),
        // what can be shown is shown without it
        Check::warning("database", move || {
            let store = store.clone();
            async move {
                store
                    .ping()
                    .await
                    .map_err(|_| "the benefits database can't be reached")
            }
        }),
        Check::of(
            "channel_settings",
            Severity::Warning,
            move || channel_settings.is_following(),
            "not following channel settings: the broker can't be reached",
        ),
        Check::of(
            "catalogue",
            Severity::Warning,
            move || !catalogue.broken(),
            "the catalogue's files have mistakes: the version before them stays in use",
        ),
        Check::of(
            "ledger",
            Severity::Warning,
            move || !losses.are_proved(),
            Losses::WORDS,
        ),
    ];
    Health::new(checks, metrics)
}
