//! Thin HTTP API: validates and enqueues. Knows no database.
//!
//! One request: the caller's token → the body, within bounds → an [`Application`](sportello_domain::Application)
//! → the queue, and the broker's confirm → the signed receipt → `202`.

mod acceptance;
mod admission;
mod api_doc;
mod batch;
mod batch_template;
mod benefit_schema;
mod benefits;
mod channel;
mod channels;
mod config;
mod pages;
mod receipt_keys;
mod replay;
mod set_channel;
mod standby;
mod submit_application;
mod submit_batch;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig};
use actix_web::{FromRequest, Handler, Resource, Responder, guard, web};
use pages::Pages;
use sportello_catalogue::{BrokenCatalogue, LiveCatalogue};
use sportello_domain::{IdSecret, SecretTooShort};
use sportello_http::{Allow, Check, Health, ListenError, Server, TlsError};
use sportello_identity::{Config as IdentityConfig, ConfigError, Verifier};
use sportello_queue::{BrokerUri, CrowdTeller, Publisher, PublisherConfig, Status, Switches};
use sportello_receipt::{KeyFileError, ReceiptKeys, ReceiptSigner};
use sportello_telemetry::Metrics;

use acceptance::Acceptance;
use admission::Admission;
pub use api_doc::api_doc;
use batch::Batches;
pub use config::Config;
use replay::Replay;
use standby::Standby;

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
    /// The benefits' files can't be used.
    #[error(transparent)]
    Catalogue(#[from] BrokenCatalogue),
    /// The system gives no threads for uploads.
    #[error("the threads for uploads can't start: {0}")]
    Threads(io::Error),
    /// The address is taken or not this machine's.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The spool can't be used.
    #[error(transparent)]
    Spool(#[from] sportello_spool::OpenError),
    /// The files for TLS can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// The parts of intake, ready to run.
pub struct Intake {
    server: Server,
    verifier: Data<Verifier>,
    admission: Data<Admission>,
    batches: Data<Batches>,
    catalogue: LiveCatalogue,
    publisher: Publisher,
    crowd: CrowdTeller,
    replay: Option<Replay>,
    health: Health,
}

impl Intake {
    /// Builds the parts; connecting to the broker and fetching the issuers' keys go on in the background.
    /// To be called on a tokio runtime of several threads that outlives the server: the publisher lives there.
    ///
    /// # Errors
    /// [`StartError`] says which setting is wrong.
    pub fn build(config: Config, metrics: Option<Metrics>) -> Result<Self, StartError> {
        let standby = Standby::open(&config)?;
        let verifier = Data::new(Verifier::start(IdentityConfig::load(&config.identity_config)?)?);
        let secret = IdSecret::new(&config.application_id_secret)?;
        let catalogue = LiveCatalogue::start(config.catalogue)?;
        let keys = ReceiptKeys::load_or_create(&config.receipt_keys)?;
        let signer = ReceiptSigner::new(keys, config.public_url);
        let server = Server::bind(config.addr)?.with_edge(&config.edge)?;
        let switches = Switches::start(config.amqp_url.clone(), "intake");
        let crowd = CrowdTeller::start(config.amqp_url.clone(), "intake", server.crowd());
        let publisher = publisher(config.amqp_url, standby.as_ref());
        let mut checks = vec![
            broker(&publisher, standby.as_ref()),
            Check::identity(&verifier),
            settings(&switches),
            news(&switches),
            whole(&catalogue),
        ];
        checks.extend(standby.as_ref().map(|standby| standby.check(&publisher)));
        let health = Health::new(checks, metrics);
        let replay = standby
            .clone()
            .map(|standby| Replay::start(standby, publisher.clone()));
        let url = &config.status_public_url;
        let acceptance = Acceptance::new(secret, signer, publisher.clone(), standby, url);
        let admission = Data::new(Admission::new(catalogue.clone(), switches, acceptance));
        let batches = Batches::start(admission.clone(), config.batch_rows_per_second);
        let batches = Data::new(batches.map_err(StartError::Threads)?);
        Ok(Self {
            server,
            verifier,
            admission,
            batches,
            catalogue,
            publisher,
            crowd,
            replay,
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

    /// Serves until `stop` ends; then finishes the requests in work, closes the spool, waits for the last confirms and
    /// closes the connection to the broker, in this order.
    ///
    /// # Errors
    /// The server can't start, or stopped by itself.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let Self {
            server,
            verifier,
            admission,
            batches,
            catalogue,
            publisher,
            crowd,
            replay,
            health,
        } = self;
        let pages = Data::new(Pages::new(catalogue));
        let switches = admission.switches().clone();
        let stop = {
            let batches = batches.clone();
            async move {
                stop.await;
                batches.close();
            }
        };
        // on each thread of the server
        let routes = move |config: &mut ServiceConfig| {
            sportello_queue::open_desk();
            config
                .app_data(verifier.clone())
                .app_data(admission.clone())
                .app_data(batches.clone())
                .app_data(pages.clone())
                .configure(routes);
        };
        server.run(health, routes, stop).await?;
        drop(crowd);
        if let Some(replay) = replay {
            replay.close().await;
        }
        if let Err(error) = publisher.drain(DRAIN).await {
            tracing::warn!(%error, "not every application in flight was confirmed");
        }
        switches.close().await;
        Ok(())
    }
}

fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/v1/applications")
                .app_data(Allow("POST"))
                .route(web::post().to(submit_application::submit_application))
                .default_service(web::to(sportello_http::method_not_allowed)),
        )
        .service(
            web::resource("/v1/batches")
                .app_data(Allow("POST"))
                .route(web::post().to(submit_batch::submit_batch))
                .default_service(web::to(sportello_http::method_not_allowed)),
        )
        .service(page("/v1/benefits", benefits::list_benefits))
        .service(page("/v1/benefits/{id}", benefits::show_benefit))
        .service(page(
            "/v1/benefits/{id}/batch-template",
            batch_template::show_batch_template,
        ))
        .service(page("/v1/benefits/{id}/channels", channels::list_channels))
        .service(
            web::resource("/v1/benefits/{id}/channels/{channel}")
                .app_data(Allow("PUT"))
                .route(web::put().to(set_channel::set_channel))
                .default_service(web::to(sportello_http::method_not_allowed)),
        )
        .service(page("/openapi.json", benefits::show_openapi))
        .service(page("/.well-known/jwks.json", receipt_keys::get_receipt_keys));
}

/// A resource to be read: `GET` and `HEAD`.
fn page<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let reads = guard::Any(guard::Get()).or(guard::Head());
    web::resource(path)
        .route(web::route().guard(reads).to(handler))
        .default_service(web::to(sportello_http::method_not_allowed))
}

/// With a disk that stands in for the broker it is given up sooner, so that the disk has its time.
fn publisher(uri: BrokerUri, standby: Option<&Standby>) -> Publisher {
    let config = PublisherConfig::new(uri, "intake");
    Publisher::start(match standby {
        None => config,
        Some(_) => PublisherConfig {
            deadline: standby::BROKER,
            ..config
        },
    })
}

/// Without the broker intake is not ready, unless the local disk stands in for it.
fn broker(publisher: &Publisher, standby: Option<&Standby>) -> Check {
    let (publisher, standby) = (publisher.clone(), standby.cloned());
    Check::new("broker", move || {
        let status = publisher.status();
        let stands_in = standby.as_ref().is_some_and(Standby::takes);
        async move {
            match status {
                Status::Connected => Ok(()),
                Status::Blocked | Status::Disconnected if stands_in => Ok(()),
                Status::Blocked => Err("the broker takes no messages, for lack of memory or disk"),
                Status::Disconnected => Err("there is no connection to the broker"),
            }
        }
    })
}

fn settings(switches: &Switches) -> Check {
    let switches = switches.clone();
    Check::new("channels", move || {
        let known = switches.is_known();
        async move {
            if known {
                Ok(())
            } else {
                Err("what operators set the channels to has not been read yet")
            }
        }
    })
}

fn news(switches: &Switches) -> Check {
    let switches = switches.clone();
    Check::warning("channel_changes", move || {
        let following = switches.is_following();
        async move {
            if following {
                Ok(())
            } else {
                Err("changes of channels are not heard of now: the last that was heard of counts")
            }
        }
    })
}

fn whole(catalogue: &LiveCatalogue) -> Check {
    let catalogue = catalogue.clone();
    Check::warning("catalogue", move || {
        let broken = catalogue.broken();
        async move {
            if broken {
                Err("the files of the catalogue can't be used: those before them are, see the log")
            } else {
                Ok(())
            }
        }
    })
}
