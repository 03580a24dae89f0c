//! Gauges of the dead letters in the table: every worker reports the same.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use opentelemetry::metrics::{AsyncInstrument, ObservableGauge};
use opentelemetry::{KeyValue, global};
use parking_lot::Mutex;
use sportello_domain::{Channel, DeadLetterReason};
use sportello_store::{DeadLetterCount, LetterSource, LetterState, Store};

/// Time between two counts.
const EVERY: Duration = Duration::from_secs(5);

/// The last counts; `None` while the database can't be asked.
#[derive(Default)]
struct Seen {
    counts: Option<Vec<DeadLetterCount>>,
    asked: Option<Instant>,
}

/// Counts the letters of the table now and then. Cheap to clone.
#[derive(Clone)]
pub(crate) struct LetterSums {
    store: Store,
    seen: Arc<Mutex<Seen>>,
    /// Report as long as they are held.
    _gauges: Arc<[ObservableGauge<u64>; 3]>,
}

impl LetterSums {
    pub(crate) fn new(store: Store) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let gauge = |name, unit, description, report: fn(&[DeadLetterCount], &dyn AsyncInstrument<u64>)| {
            let seen = Arc::clone(&seen);
            let meter = global::meter("sportello.worker");
            let gauge = meter.u64_observable_gauge(name).with_unit(unit);
            let gauge = gauge
                .with_description(description)
                .with_callback(move |observer| {
                    if let Some(counts) = &seen.lock().counts {
                        report(counts, observer);
                    }
                });
            gauge.build()
        };
        let gauges = [
            gauge(
                "sportello.dead_letters.open",
                "",
                "dead letters that wait for an operator, by the kind of reason",
                report_open,
            ),
            gauge(
                "sportello.dead_letters.oldest_open_age",
                "s",
                "how long the oldest of them has waited; 0 without any",
                report_oldest,
            ),
            gauge(
                "sportello.dead_letters.letters",
                "",
                "dead letters that are kept, by state",
                report_states,
            ),
        ];
        Self {
            store,
            seen,
            _gauges: Arc::new(gauges),
        }
    }

    /// Counts, unless that was done within the last five seconds.
    pub(crate) async fn refresh(&self) {
        let is_new = |asked: Instant| asked.elapsed() < EVERY;
        if self.seen.lock().asked.is_some_and(is_new) {
            return;
        }
        // an error of the database shows elsewhere; here its last counts are not repeated
        let counts = self.store.dead_letter_counts().await.ok();
        let asked = Some(Instant::now());
        *self.seen.lock() = Seen { counts, asked };
    }
}

/// Conflicts count on the register; an operator looks at them too.
fn report_open(counts: &[DeadLetterCount], observer: &dyn AsyncInstrument<u64>) {
    for channel in Channel::ALL {
        for reason in DeadLetterReason::ALL {
            let open = counts.iter().filter(|one| {
                one.channel == channel && one.reason == reason && one.state == LetterState::Open
            });
            let letters = open.map(|one| one.letters).sum();
            let attributes = [
                KeyValue::new("channel", channel.as_str()),
                KeyValue::new("reason", reason.as_str()),
            ];
            observer.observe(letters, &attributes);
        }
    }
}

fn report_oldest(counts: &[DeadLetterCount], observer: &dyn AsyncInstrument<u64>) {
    let now = Timestamp::now();
    for channel in Channel::ALL {
        let open = counts.iter().filter(|one| {
            one.channel == channel && one.state == LetterState::Open && one.source != LetterSource::Conflict
        });
        let oldest = open.map(|one| one.oldest).min();
        let seconds = oldest.map_or(0, |oldest| now.duration_since(oldest).as_secs());
        let age = u64::try_from(seconds).unwrap_or(0);
        observer.observe(age, &[KeyValue::new("channel", channel.as_str())]);
    }
}

fn report_states(counts: &[DeadLetterCount], observer: &dyn AsyncInstrument<u64>) {
    for channel in Channel::ALL {
        for state in LetterState::ALL {
            let of_state = counts.iter().filter(|one| {
                one.channel == channel && one.state == *state && one.source != LetterSource::Conflict
            });
            let letters = of_state.map(|one| one.letters).sum();
            let attributes = [
                KeyValue::new("channel", channel.as_str()),
                KeyValue::new("state", state.as_str()),
            ];
            observer.observe(letters, &attributes);
        }
    }
}
