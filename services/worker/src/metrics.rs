//! Metrics of the worker, through the global meter.

use std::time::Duration;

use jiff::SignedDuration;
use opentelemetry::metrics::{Counter, Histogram, UpDownCounter};
use opentelemetry::{KeyValue, global};
use sportello_domain::{Channel, DeadLetterReason};
use sportello_store::{Arrival, Registration};

const BATCH_APPLICATIONS: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
const TRANSACTION_SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];
/// From a worker that keeps up to a drain that lasts all day. A percentile is only as exact as the
/// step that it falls into.
const DELAY_SECONDS: [f64; 23] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0,
    1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 43200.0,
];

/// Work that the worker retries until it succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    CheckSchema,
    Register,
    FindBenefit,
    Allot,
    Forget,
    DeadLetter,
    Record,
    Audit,
    Ingest,
    Recount,
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
            Self::Record => "record",
            Self::Audit => "audit",
            Self::Ingest => "ingest",
            Self::Recount => "recount",
        }
    }
}

pub(crate) struct Metrics {
    registered: Counter<u64>,
    existing: Counter<u64>,
    withdrawals: Counter<u64>,
    dead_lettered: Counter<u64>,
    retries: Counter<u64>,
    giving_way: UpDownCounter<i64>,
    transaction_applications: Histogram<u64>,
    turn_seconds: Histogram<f64>,
    transaction_seconds: Histogram<f64>,
    delay_seconds: Histogram<f64>,
}

impl Metrics {
    /// Makes the instruments. Dead letters begin with 0 for each known label, so that an alarm sees
    /// the first one.
    pub(crate) fn new() -> Self {
        let metrics = Self::build();
        for channel in Channel::ALL {
            for reason in DeadLetterReason::ALL {
                metrics.dead_lettered.add(0, &Self::letter(channel, reason));
            }
        }
        metrics
    }

    fn letter(channel: Channel, reason: DeadLetterReason) -> [KeyValue; 2] {
        [
            KeyValue::new("channel", channel.as_str()),
            KeyValue::new("reason", reason.as_str()),
        ]
    }

    fn build() -> Self {
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
            existing: counter(
                "sportello.worker.existing",
                "applications that were on the register already, by kind of arrival",
            ),
            withdrawals: counter(
                "sportello.worker.withdrawals",
                "withdrawals that were settled, whether they had an effect or not",
            ),
            dead_lettered: counter(
                "sportello.worker.dead_lettered",
                "dead letters, by the kind of reason",
            ),
            retries: counter(
                "sportello.worker.retries",
                "attempts that failed and are made again, by task",
            ),
            giving_way: meter
                .i64_up_down_counter("sportello.worker.giving_way")
                .with_description("lanes that pause for an overload of intake")
                .build(),
            transaction_applications: meter
                .u64_histogram("sportello.worker.transaction_applications")
                .with_description("applications of a transaction")
                .with_boundaries(BATCH_APPLICATIONS.to_vec())
                .build(),
            turn_seconds: seconds(
                "sportello.worker.turn_wait",
                "how long a lane with work waited for its turn at the database",
                &TRANSACTION_SECONDS,
            ),
            transaction_seconds: seconds(
                "sportello.worker.transaction_duration",
                "time from the beginning of a transaction to its commit",
                &TRANSACTION_SECONDS,
            ),
            delay_seconds: seconds(
                "sportello.worker.registration_delay",
                "time from the receipt of an application to its registration",
                &DELAY_SECONDS,
            ),
        }
    }

    /// Records how long a lane with work waited for its turn.
    pub(crate) fn got_turn(&self, channel: Channel, waited: Duration) {
        let channel = [KeyValue::new("channel", channel.as_str())];
        self.turn_seconds.record(waited.as_secs_f64(), &channel);
    }

    /// Records a committed transaction.
    pub(crate) fn committed(&self, channel: Channel, applications: usize, duration: Duration) {
        let channel = [KeyValue::new("channel", channel.as_str())];
        self.transaction_applications
            .record(u64::try_from(applications).unwrap_or(u64::MAX), &channel);
        self.transaction_seconds.record(duration.as_secs_f64(), &channel);
    }

    /// Counts a registered application.
    pub(crate) fn arrived(&self, channel: Channel, registration: &Registration, delay: SignedDuration) {
        let channel = KeyValue::new("channel", channel.as_str());
        let existing = match registration.arrival {
            Arrival::New => {
                // the clocks of two machines may differ
                self.delay_seconds
                    .record(delay.as_secs_f64().max(0.0), std::slice::from_ref(&channel));
                let outcome = KeyValue::new("outcome", registration.outcome.as_str());
                let reason = KeyValue::new("reason", registration.reason.as_str());
                self.registered.add(1, &[channel, outcome, reason]);
                return;
            }
            Arrival::Again => "again",
            Arrival::Earlier => "earlier",
            Arrival::Replaced => "replaced",
            Arrival::Conflict => "conflict",
        };
        self.existing
            .add(1, &[channel, KeyValue::new("arrival", existing)]);
    }

    /// Counts applications that were registered once and are past their retention, or soon will be.
    pub(crate) fn recognised(&self, channel: Channel, applications: usize) {
        let attributes = [
            KeyValue::new("channel", channel.as_str()),
            KeyValue::new("arrival", "after_retention"),
        ];
        self.existing
            .add(u64::try_from(applications).unwrap_or(u64::MAX), &attributes);
    }

    /// Counts settled withdrawals, with or without effect.
    pub(crate) fn withdrawals(&self, channel: Channel, withdrawals: usize) {
        let channel = [KeyValue::new("channel", channel.as_str())];
        self.withdrawals
            .add(u64::try_from(withdrawals).unwrap_or(u64::MAX), &channel);
    }

    /// Counts a confirmed dead letter.
    pub(crate) fn dead_lettered(&self, channel: Channel, reason: DeadLetterReason) {
        self.dead_lettered.add(1, &Self::letter(channel, reason));
    }

    pub(crate) fn retries(&self, task: Task) {
        self.retries.add(1, &[KeyValue::new("task", task.as_str())]);
    }

    /// Counts a lane that pauses for an overload, until what is returned is dropped.
    pub(crate) fn give_way(&self) -> GivingWay<'_> {
        self.giving_way.add(1, &[]);
        GivingWay(self)
    }
}

/// A lane that pauses for an overload.
pub(crate) struct GivingWay<'a>(&'a Metrics);

impl Drop for GivingWay<'_> {
    fn drop(&mut self) {
        self.0.giving_way.add(-1, &[]);
    }
}
