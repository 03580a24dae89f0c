//! The health page.

use std::future::Future;
use std::io;
use std::net::TcpListener;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer};
use sportello_http::{Check, Health, Limits};
use sportello_store::Store;
use sportello_telemetry::Metrics;
use tokio_util::sync::CancellationToken;

/// Serves the health page until `stopping`.
pub(crate) fn serve(
    listener: TcpListener,
    store: Store,
    metrics: Option<Metrics>,
    stopping: &CancellationToken,
) -> io::Result<impl Future<Output = io::Result<()>> + use<>> {
    let limits = Limits {
        in_flight: 64,
        connections: 256,
        ..Limits::default()
    };
    let places = limits.places();
    let health = Health::new(vec![database(store)], metrics);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(places.clone())
            .configure(|config| health.configure(config))
            .configure(sportello_http::edge)
            .wrap(from_fn(sportello_http::shed))
            .wrap(sportello_http::security_headers())
    })
    .workers(1)
    .disable_signals()
    .client_request_timeout(limits.head)
    .max_connections(limits.connections)
    .shutdown_timeout(limits.shutdown.as_secs())
    .listen(listener)?
    .run();
    Ok(sportello_http::serve(server, stopping.clone().cancelled_owned()))
}

fn database(store: Store) -> Check {
    Check::new("database", move || {
        let store = store.clone();
        async move {
            store
                .ping()
                .await
                .map_err(|_| "the benefits database can't be reached")
        }
    })
}
