//! Thin HTTP API: validates and enqueues. Knows no database.
//!
//! One request: the caller's token → the body, within bounds → an [`Application`](sportello_domain::Application)
//! → the queue, and the broker's confirm → the signed receipt → `202`.

mod acceptance;
mod api_doc;
mod config;
mod receipt_keys;
mod submit_application;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::web;
use actix_web::web::{Data, ServiceConfig};
use sportello_domain::{IdSecret, SecretTooShort};
use sportello_http::{Check, Health, ListenError, Server};
use sportello_identity::{Config as IdentityConfig, ConfigError, Verifier};
use sportello_queue::{Publisher, PublisherConfig, Status};
use sportello_receipt::{KeyFileError, ReceiptKeys, ReceiptSigner};
use sportello_telemetry::Metrics;

pub use acceptance::Acceptance;
pub use api_doc::api_doc;
pub use config::Config;

/// How long the last applications may wait for their confirm when the process ends.
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
    /// The receipt keys can't be read or made.
    #[error(transparent)]
    ReceiptKeys(#[from] KeyFileError),
    /// The secret for ids is too short.
    #[error("APPLICATION_ID_SECRET: {0}")]
    Secret(#[from] SecretTooShort),
    /// The address is taken or not this machine's.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// The parts of intake, ready to run.
pub struct Intake {
    server: Server,
    verifier: Data<Verifier>,
    acceptance: Data<Acceptance>,
    publisher: Publisher,
    health: Health,
}

impl Intake {
    /// Builds the parts; connecting to the broker and fetching the issuers' keys go on in the background.
    /// To be called on a tokio runtime of several threads that outlives the server: the publisher lives there.
    ///
    /// # Errors
    /// [`StartError`] says which setting is wrong.
    pub fn build(config: Config, metrics: Option<Metrics>) -> Result<Self, StartError> {
        let verifier = Data::new(Verifier::start(IdentityConfig::load(&config.identity_config)?)?);
        let secret = IdSecret::new(&config.application_id_secret)?;
        let keys = ReceiptKeys::load_or_create(&config.receipt_keys)?;
        let signer = ReceiptSigner::new(keys, config.public_url);
        let server = Server::bind(config.addr)?;
        let publisher = Publisher::start(PublisherConfig::new(config.amqp_url, "intake"));
        let health = health(&publisher, &verifier, metrics);
        let acceptance = Data::new(Acceptance::new(
            secret,
            signer,
            publisher.clone(),
            &config.status_public_url,
        ));
        Ok(Self {
            server,
            verifier,
            acceptance,
            publisher,
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

    /// Serves until `stop` ends; then finishes the requests in work, waits for the last confirms and closes
    /// the connection to the broker, in this order.
    ///
    /// # Errors
    /// The server can't start, or stopped by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let Self {
            server,
            verifier,
            acceptance,
            publisher,
            health,
        } = self;
        let routes = move |config: &mut ServiceConfig| {
            config
                .app_data(verifier.clone())
                .app_data(acceptance.clone())
                .configure(routes);
        };
        server.run(health, routes, stop).await?;
        if let Err(error) = publisher.drain(DRAIN).await {
            tracing::warn!(%error, "not every application in flight was confirmed");
        }
        Ok(())
    }
}

fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/v1/applications")
                .route(web::post().to(submit_application::submit_application))
                .default_service(web::to(sportello_http::method_not_allowed)),
        )
        .route(
            "/.well-known/jwks.json",
            web::get().to(receipt_keys::get_receipt_keys),
        )
        .route("/openapi.json", web::get().to(api_doc::get_openapi));
}

fn health(publisher: &Publisher, verifier: &Data<Verifier>, metrics: Option<Metrics>) -> Health {
    let publisher = publisher.clone();
    let broker = Check::new("broker", move || {
        let status = publisher.status();
        async move {
            match status {
                Status::Connected => Ok(()),
                Status::Blocked => Err("the broker takes no messages, for lack of memory or disk"),
                Status::Disconnected => Err("there is no connection to the broker"),
            }
        }
    });
    Health::new(vec![broker, Check::identity(verifier)], metrics)
}
