//! The health page.

use std::future::Future;
use std::io;
use std::sync::{Arc, OnceLock};

use sportello_catalogue::LiveCatalogue;
use sportello_http::{Check, Health, Server};
use sportello_queue::Attachment;
use sportello_store::Store;
use sportello_telemetry::Metrics;
use tokio_util::sync::CancellationToken;

/// The consumers of all lanes, once they have been started.
pub(crate) type Attachments = Arc<OnceLock<Vec<Attachment>>>;

/// Serves the health page until `stopping`.
pub(crate) fn serve(
    server: Server,
    checks: Vec<Check>,
    metrics: Option<Metrics>,
    stopping: &CancellationToken,
) -> impl Future<Output = io::Result<()>> + use<> {
    let health = Health::new(checks, metrics);
    server.run(health, |_| {}, stopping.clone().cancelled_owned())
}

/// What the worker needs, the database and a consumer in each lane, and whether its catalogue is the newest.
pub(crate) fn checks(store: Store, catalogue: LiveCatalogue, attachments: Attachments) -> Vec<Check> {
    vec![database(store), consumers(attachments), whole(catalogue)]
}

fn whole(catalogue: LiveCatalogue) -> Check {
    Check::warning("catalogue", move || {
        let broken = catalogue.broken();
        async move {
            if broken {
                Err("the catalogue's files have mistakes: the catalogue before them is in use")
            } else {
                Ok(())
            }
        }
    })
}

fn consumers(attachments: Attachments) -> Check {
    Check::new("consumers", move || {
        let lanes = attachments.get();
        let all = lanes.is_some_and(|lanes| lanes.iter().all(Attachment::is_attached));
        async move {
            if all {
                Ok(())
            } else {
                Err("not every lane is attached to its queue")
            }
        }
    })
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
