//! The number of messages that wait: a gauge for each queue, and checks for messages that no worker
//! takes.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::metrics::ObservableGauge;
use opentelemetry::{KeyValue, global};
use sportello_http::{Check, Severity};
use sportello_queue::{BrokerUri, DepthProbe, Depths};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Interval between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The last counts; `None` while the broker can't be asked.
type Seen = Arc<watch::Sender<Option<Depths>>>;

/// Counts the messages of the queues. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Backlog {
    seen: Seen,
    /// Reports as long as it is held.
    _gauge: ObservableGauge<u64>,
}

impl Backlog {
    pub(crate) fn new() -> Self {
        let seen = Seen::default();
        let reported = Arc::clone(&seen);
        let meter = global::meter("sportello.worker");
        let gauge = meter
            .u64_observable_gauge("sportello.queue.messages")
            .with_description("messages that wait in a queue, without those that a worker has in hand")
            .with_callback(move |observer| {
                let seen = reported.borrow().clone();
                for (queue, messages) in seen.iter().flat_map(Depths::by_queue) {
                    observer.observe(messages.into(), &[KeyValue::new("queue", queue)]);
                }
            });
        Self {
            seen,
            _gauge: gauge.build(),
        }
    }

    /// Counts until the process is to end.
    pub(crate) async fn run(self, uri: BrokerUri, stop: CancellationToken) {
        let mut probe = DepthProbe::new(uri, "worker");
        let looking = async {
            loop {
                // while the broker is away the lanes report it
                self.seen.send_replace(probe.depths().await.ok());
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        stop.run_until_cancelled(looking).await;
        probe.close().await;
    }

    /// Returns the warnings about messages that no worker takes.
    pub(crate) fn checks(&self) -> [Check; 2] {
        let unrouted = self.warning(
            "unrouted",
            |depths| depths.unrouted,
            "accepted applications wait in applications.unrouted, on their way to the dead letters: a binding of the \
             exchange applications is missing",
        );
        let dead_letters = self.warning(
            "dead_letter_queue",
            |depths| depths.dead_letter,
            "messages wait in applications.dead-letter that the table of dead letters does not take: the log says why",
        );
        [unrouted, dead_letters]
    }

    fn warning(&self, name: &'static str, messages: fn(&Depths) -> u32, text: &'static str) -> Check {
        let seen = Arc::clone(&self.seen);
        let is_empty = move || seen.borrow().as_ref().is_none_or(|depths| messages(depths) == 0);
        Check::of(name, Severity::Warning, is_empty, text)
    }
}
