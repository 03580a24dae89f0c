//! Metrics of the worker, through the global meter.

use std::time::Duration;

use jiff::SignedDuration;
use opentelemetry::metrics::{Counter, Histogram};
use opentelemetry::{KeyValue, global};
use sportello_domain::Channel;
use sportello_store::{Arrival, Registration};

const BATCH_APPLICATIONS: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
const TRANSACTION_SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];
/// From a drain that keeps up to one that lasts the day.
const DELAY_SECONDS: [f64; 14] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 43200.0,
];

/// What the worker has to try again until it succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    CheckSchema,
    Register,
    FindBenefit,
    Allot,
    Forget,
    DeadLetter,
}

impl Task {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CheckSchema => "check_schema",
            Self::Register => "register",
            Self::FindBenefit => "find_benefit",
            Self::Allot => "allot",
            Self::Forget => "forget",
            Self::DeadLetter => "dead_letter",
        }
    }
}

pub(crate) struct Metrics {
    registered: Counter<u64>,
    known: Counter<u64>,
    dead_lettered: Counter<u64>,
    retries: Counter<u64>,
    batch_applications: Histogram<u64>,
    turn_seconds: Histogram<f64>,
    transaction_seconds: Histogram<f64>,
    delay_seconds: Histogram<f64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let meter = global::meter("sportello.worker");
        let counter = |name, description| meter.u64_counter(name).with_description(description).build();
        let seconds = |name, description, boundaries: &[f64]| {
            let histogram = meter
                .f64_histogram(name)
                .with_unit("s")
                .with_description(description);
            histogram.with_boundaries(boundaries.to_vec()).build()
        };
        Self {
            registered: counter(
                "sportello.worker.registered",
                "applications put on the register, by outcome and its reason",
            ),
            known: counter(
                "sportello.worker.known",
                "applications that were on the register already, by how they stand to it",
            ),
            dead_lettered: counter(
                "sportello.worker.dead_lettered",
                "dead letters, by the kind of reason",
            ),
            retries: counter(
                "sportello.worker.retries",
                "attempts that failed and are made again, by task",
            ),
            batch_applications: meter
                .u64_histogram("sportello.worker.batch_applications")
                .with_description("applications of a transaction")
                .with_boundaries(BATCH_APPLICATIONS.to_vec())
                .build(),
            turn_seconds: seconds(
                "sportello.worker.turn_wait",
                "that a batch at hand waited for its turn at the database",
                &TRANSACTION_SECONDS,
            ),
            transaction_seconds: seconds(
                "sportello.worker.transaction_duration",
                "from the beginning of a transaction to its commit",
                &TRANSACTION_SECONDS,
            ),
            delay_seconds: seconds(
                "sportello.worker.registration_delay",
                "from the receipt of an application to its registration",
                &DELAY_SECONDS,
            ),
        }
    }

    /// A batch waited so long for its turn.
    pub(crate) fn got_turn(&self, channel: Channel, waited: Duration) {
        let channel = [KeyValue::new("channel", channel.as_str())];
        self.turn_seconds.record(waited.as_secs_f64(), &channel);
    }

    /// A transaction was committed.
    pub(crate) fn committed(&self, channel: Channel, applications: usize, duration: Duration) {
        let channel = [KeyValue::new("channel", channel.as_str())];
        self.batch_applications
            .record(u64::try_from(applications).unwrap_or(u64::MAX), &channel);
        self.transaction_seconds.record(duration.as_secs_f64(), &channel);
    }

    /// An application is on the register.
    pub(crate) fn arrived(&self, channel: Channel, registration: &Registration, delay: SignedDuration) {
        let channel = KeyValue::new("channel", channel.as_str());
        let known = match registration.arrival {
            Arrival::New => {
                // clocks of two machines may differ
                self.delay_seconds
                    .record(delay.as_secs_f64().max(0.0), std::slice::from_ref(&channel));
                let outcome = KeyValue::new("outcome", registration.outcome.as_str());
                let reason = KeyValue::new("reason", registration.reason.as_str());
                self.registered.add(1, &[channel, outcome, reason]);
                return;
            }
            Arrival::Again => "again",
            Arrival::Earlier => "earlier",
            Arrival::Conflict => "conflict",
        };
        self.known.add(1, &[channel, KeyValue::new("arrival", known)]);
    }

    /// Applications were registered once and are not kept any more, or not for long.
    pub(crate) fn recognised(&self, channel: Channel, applications: usize) {
        let attributes = [
            KeyValue::new("channel", channel.as_str()),
            KeyValue::new("arrival", "after_retention"),
        ];
        self.known
            .add(u64::try_from(applications).unwrap_or(u64::MAX), &attributes);
    }

    /// A dead letter was confirmed.
    pub(crate) fn dead_lettered(&self, channel: Channel, kind: &'static str) {
        let attributes = [
            KeyValue::new("channel", channel.as_str()),
            KeyValue::new("reason", kind),
        ];
        self.dead_lettered.add(1, &attributes);
    }

    pub(crate) fn retries(&self, task: Task) {
        self.retries.add(1, &[KeyValue::new("task", task.as_str())]);
    }
}
