//! What became of an application, for its holder.

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
mod own_applications;
mod paging;
mod receipts;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::middleware::DefaultHeaders;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{Route, web};
use secrecy::ExposeSecret as _;
use sportello_domain::{IdSecret, SecretTooShort};
use sportello_http::{Allow, Check, Health, ListenError, Server, TlsError};
use sportello_identity::{Config as IdentityConfig, ConfigError, Verifier};
use sportello_store::{InvalidUrl, Store, StoreOptions};
use sportello_telemetry::Metrics;

pub use api_doc::api_doc;
use batch_lookup::BatchLookup;
pub use config::Config;
use lookup::Lookup;
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
    /// The secret for ids is too short.
    #[error("APPLICATION_ID_SECRET: {0}")]
    Secret(#[from] SecretTooShort),
    /// The address of the database can't be used.
    #[error("DATABASE_URL: {0}")]
    Store(#[from] InvalidUrl),
    /// The address is taken or not this machine's.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The files for TLS can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// The parts of the service, ready to run.
pub struct StatusService {
    server: Server,
    verifier: Data<Verifier>,
    lookup: Data<Lookup>,
    batches: Data<BatchLookup>,
    health: Health,
}

impl StatusService {
    /// Builds the parts; connecting to the database and fetching keys go on in the background.
    /// To be called on a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] says which setting is wrong.
    pub fn build(config: Config, metrics: Option<Metrics>) -> Result<Self, StartError> {
        let verifier = Data::new(Verifier::start(IdentityConfig::load(&config.identity_config)?)?);
        let secret = IdSecret::new(&config.application_id_secret)?;
        let store = Store::connect(config.database_url.expose_secret(), &store_options())?;
        let server = Server::bind(config.addr)?.with_edge(&config.edge)?;
        let receipts = Receipts::start(secret, config.receipt_jwks_url)?;
        let health = health(&store, &receipts, &verifier, metrics);
        let batch_store = Store::connect(
            config.database_url.expose_secret(),
            &batch_lookup::store_options(),
        )?;
        let batches = Data::new(BatchLookup::new(batch_store, receipts.clone()));
        let lookup = Data::new(Lookup::new(store, receipts, &config.public_url));
        Ok(Self {
            server,
            verifier,
            lookup,
            batches,
            health,
        })
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// The system does not know.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.server.address()
    }

    /// Serves until `stop` ends, then lets the requests in work end.
    ///
    /// # Errors
    /// The server can't start, or stopped by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let Self {
            server,
            verifier,
            lookup,
            batches,
            health,
        } = self;
        let routes = move |config: &mut ServiceConfig| {
            config
                .app_data(verifier.clone())
                .app_data(lookup.clone())
                .app_data(batches.clone())
                .configure(routes);
        };
        server.run(health, routes, stop).await
    }
}

/// A holder waits for the answer, so a database that is slow or away is given up on within a second.
fn store_options() -> StoreOptions {
    StoreOptions {
        application_name: "status".into(),
        max_connections: 8,
        acquire_timeout: Duration::from_millis(400),
        statement_timeout: Duration::from_millis(400),
        lock_timeout: Duration::from_millis(400),
    }
}

/// What is told to one caller is told to no other, and follows the language. Answers say `no-store` besides.
const VARY: (&str, &str) = (
    "Vary",
    "Authorization, Accept, Accept-Language, Receipt, Access-Reason",
);

fn routes(config: &mut ServiceConfig) {
    let resource = |path, route: Route| {
        web::resource(path)
            .app_data(Allow("GET"))
            .route(route)
            .default_service(web::to(sportello_http::method_not_allowed))
    };
    let personal = web::scope("/v1")
        .service(resource(
            "/applications/{id}",
            web::get().to(application::get_application),
        ))
        .service(resource(
            "/applications/{id}/status",
            web::get().to(application_status::get_application_status),
        ))
        .service(resource(
            "/applications/{id}/content",
            web::get().to(content::get_content),
        ))
        .service(resource(
            "/applications/{id}/accesses",
            web::get().to(accesses::list_accesses),
        ))
        .service(resource(
            "/tokens/{ath}/applications",
            web::get().to(own_applications::list_own_applications),
        ))
        .service(resource("/batches/{id}", web::get().to(batch::find_batch)))
        .service(resource(
            "/batches/{id}/errors",
            web::get().to(batch_errors::list_batch_errors),
        ))
        .wrap(DefaultHeaders::new().add(VARY));
    config
        .service(personal)
        .route("/openapi.json", web::get().to(api_doc::get_openapi));
}

fn health(store: &Store, receipts: &Receipts, verifier: &Data<Verifier>, metrics: Option<Metrics>) -> Health {
    let (store, receipts) = (store.clone(), receipts.clone());
    let database = Check::new("database", move || {
        let store = store.clone();
        async move {
            store
                .ping()
                .await
                .map_err(|_| "the benefits database can't be reached")
        }
    });
    let receipts = Check::new("receipts", move || {
        let ready = receipts.ready();
        async move {
            if ready {
                Ok(())
            } else {
                Err("the receipt keys have not been received yet")
            }
        }
    });
    Health::new(vec![database, receipts, Check::identity(verifier)], metrics)
}
