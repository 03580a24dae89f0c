//! Shows holders the status of their applications.

mod accesses;
mod api_doc;
mod application;
mod application_status;
mod batch;
mod batch_errors;
mod batch_lookup;
mod config;
mod content;
mod lookup;
mod missing;
mod own_applications;
mod paging;
mod progress;
mod receipts;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data, ServiceConfig};
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use sportello_domain::{ClockDifference, IdSecret, IdSecretError};
use sportello_http::{Check, Health, ListenError, Server, Severity, TlsError, endpoint};
use sportello_identity::{Config as IdentityConfig, ConfigError, KeySource, KeyUrlError, Verifier};
use sportello_store::{InvalidUrl, Store, StoreOptions};
use sportello_telemetry::Metrics;

pub use api_doc::api_doc;
use batch_lookup::BatchLookup;
pub use config::Config;
use lookup::Lookup;
use missing::MissingWatch;
use progress::Readings;
use receipts::Receipts;

/// Why the status service can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The trusted issuers can't be read.
    #[error(transparent)]
    Identity(#[from] ConfigError),
    /// The client that fetches keys can't be made.
    #[error("keys can't be fetched: {0}")]
    Keys(#[from] sportello_identity::StartError),
    /// A secret for ids is not valid.
    #[error("APPLICATION_ID_SECRET or APPLICATION_ID_SECRET_PREVIOUS: {0}")]
    Secret(#[from] IdSecretError),
    /// The receipt keys would be fetched in clear text, or not at all.
    #[error("RECEIPT_JWKS_URL {0}; ALLOW_CLEAR_TEXT=true allows plain http")]
    ReceiptKeys(#[from] KeyUrlError),
    /// The address of the database is not valid.
    #[error("DATABASE_URL: {0}")]
    Store(#[from] InvalidUrl),
    /// The address is in use or does not belong to this machine.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The files for TLS are not usable.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// The parts of the service, ready to run.
pub struct StatusService {
    server: Server,
    verifier: Data<Verifier>,
    lookup: Data<Lookup>,
    batches: Data<BatchLookup>,
    readings: Data<Readings>,
    health: Health,
}

impl StatusService {
    /// Builds the parts; connecting to the database and fetching keys go on in the background. To
    /// be called on a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] names the wrong setting.
    pub fn build(config: Config, metrics: Option<Metrics>) -> Result<Self, StartError> {
        let verifier = Data::new(Verifier::start(IdentityConfig::load(&config.identity_config)?)?);
        let secrets = [
            Some(config.application_id_secret),
            config.application_id_secret_previous,
        ];
        let secrets: Result<_, _> = secrets.iter().flatten().map(IdSecret::new).collect();
        let receipt_keys = KeySource::at(&config.receipt_jwks_url, config.allow_clear_text)?;
        let connect = |options| {
            let options = StoreOptions {
                allow_clear_text: config.allow_clear_text,
                ..options
            };
            Store::connect(config.database_url.expose_secret(), &options)
        };
        let store = connect(store_options())?;
        let server = Server::bind(config.addr, config.internal_addr)?.with_edge(&config.edge)?;
        let receipts = Receipts::start(secrets?, &receipt_keys)?;
        // with the connection of the probes: neither takes one from a holder
        let probes = connect(probe_options())?;
        let readings = Data::new(Readings::start(probes.clone()));
        let missing = MissingWatch::start(probes.clone());
        let health = health(probes, &receipts, &verifier, metrics);
        let batch_store = connect(batch_lookup::store_options())?;
        let batches = Data::new(BatchLookup::new(batch_store, receipts.clone()));
        let lookup = Data::new(Lookup::new(store, receipts, missing, &config.public_url));
        Ok(Self {
            server,
            verifier,
            lookup,
            batches,
            readings,
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

    /// Serves until `stop` ends, then finishes the requests in flight.
    ///
    /// # Errors
    /// The server can't start, or stopped by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let Self {
            server,
            verifier,
            lookup,
            batches,
            readings,
            health,
        } = self;
        let routes = move |config: &mut ServiceConfig| {
            config
                .app_data(verifier.clone())
                .app_data(lookup.clone())
                .app_data(batches.clone())
                .app_data(readings.clone())
                .configure(routes);
        };
        server.run(health, routes, stop).await
    }
}

/// Limits for a holder who waits: a slow or absent database fails the request within a second.
fn store_options() -> StoreOptions {
    StoreOptions {
        application_name: "status".into(),
        max_connections: 8,
        acquire_timeout: Duration::from_millis(400),
        statement_timeout: Duration::from_millis(400),
        lock_timeout: Duration::from_millis(400),
        ..StoreOptions::default()
    }
}

/// A connection for the health pages alone: their callers take none from holders.
fn probe_options() -> StoreOptions {
    StoreOptions {
        application_name: "status-health".into(),
        max_connections: 1,
        ..store_options()
    }
}

/// Answers depend on these headers: on the caller's rights and on the language. They also say
/// `no-store`.
const VARY: (&str, &str) = (
    "Vary",
    "Authorization, Accept, Accept-Language, Receipt, Access-Reason",
);

fn routes(config: &mut ServiceConfig) {
    let personal = web::scope("/v1")
        .service(endpoint::get("/applications/{id}", application::get_application))
        .service(endpoint::get(
            "/applications/{id}/status",
            application_status::get_application_status,
        ))
        .service(endpoint::get("/applications/{id}/content", content::get_content))
        .service(endpoint::get(
            "/applications/{id}/accesses",
            accesses::list_accesses,
        ))
        .service(endpoint::get(
            "/tokens/{ath}/applications",
            own_applications::list_own_applications,
        ))
        .service(endpoint::get("/batches/{id}", batch::find_batch))
        .service(endpoint::get(
            "/batches/{id}/errors",
            batch_errors::list_batch_errors,
        ))
        .wrap(DefaultHeaders::new().add(VARY));
    config
        .service(endpoint::get("/v1/progress", progress::show_progress))
        .service(personal)
        .service(endpoint::get("/openapi.json", api_doc::get_openapi));
}

/// Passes while the database is away, since there is nothing to compare with; the check `database`
/// fails then.
fn clock(store: Store) -> Check {
    const NOTICED: SignedDuration = SignedDuration::from_secs(1);
    Check::warning("clock", move || {
        let store = store.clone();
        async move {
            let difference = store.clock_difference().await.map(ClockDifference::certain);
            if difference.unwrap_or_default().abs() > NOTICED {
                Err("this machine's clock and the database's are over a second apart: synchronise both")
            } else {
                Ok(())
            }
        }
    })
}

fn health(store: Store, receipts: &Receipts, verifier: &Data<Verifier>, metrics: Option<Metrics>) -> Health {
    let clock = clock(store.clone());
    let database = Check::new("database", move || {
        let store = store.clone();
        async move {
            store
                .ping()
                .await
                .map_err(|_| "the benefits database can't be reached")
        }
    });
    let checks = vec![
        database,
        receipts_check(receipts),
        receipt_keys_check(receipts),
        Check::identity(verifier),
        Check::issuer_keys(verifier),
        clock,
    ];
    Health::new(checks, metrics)
}

fn receipts_check(receipts: &Receipts) -> Check {
    let receipts = receipts.clone();
    let otherwise = "the receipt keys have not been received yet";
    Check::of("receipts", Severity::Needed, move || receipts.ready(), otherwise)
}

fn receipt_keys_check(receipts: &Receipts) -> Check {
    let receipts = receipts.clone();
    let otherwise =
        "intake's receipt keys could not be fetched for a quarter of an hour: the log names the error";
    Check::of(
        "receipt_keys",
        Severity::Warning,
        move || !receipts.are_keys_old(),
        otherwise,
    )
}
