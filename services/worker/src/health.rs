//! The health page.

use std::future::Future;
use std::io;

use sportello_http::{Check, Health, Server};
use sportello_store::Store;
use sportello_telemetry::Metrics;
use tokio_util::sync::CancellationToken;

/// Serves the health page until `stopping`.
pub(crate) fn serve(
    server: Server,
    store: Store,
    metrics: Option<Metrics>,
    stopping: &CancellationToken,
) -> impl Future<Output = io::Result<()>> + use<> {
    let health = Health::new(vec![database(store)], metrics);
    server.run(health, |_| {}, stopping.clone().cancelled_owned())
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
