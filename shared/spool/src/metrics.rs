//! Metrics of the spool, through the global meter.

use std::sync::{Arc, Weak};

use opentelemetry::metrics::{Counter, Meter};
use opentelemetry::{KeyValue, global};

use crate::PutError;
use crate::stored::{Holding, Stored};

/// How a put ended for its caller.
#[derive(Clone, Copy)]
pub(crate) enum PutResult {
    Kept,
    Full,
    NoCapacity,
    Timeout,
    Disk,
    Closed,
}

impl PutResult {
    fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Full => "full",
            Self::NoCapacity => "no_capacity",
            Self::Timeout => "timeout",
            Self::Disk => "disk",
            Self::Closed => "closed",
        }
    }
}

impl From<Result<(), PutError>> for PutResult {
    fn from(result: Result<(), PutError>) -> Self {
        match result {
            Ok(()) => Self::Kept,
            Err(PutError::Full) => Self::Full,
            Err(PutError::NoCapacity) => Self::NoCapacity,
            Err(PutError::Timeout) => Self::Timeout,
            Err(PutError::Disk) => Self::Disk,
            Err(PutError::Closed) => Self::Closed,
        }
    }
}

pub(crate) struct Metrics {
    puts: Counter<u64>,
    replayed: Counter<u64>,
}

impl Metrics {
    pub(crate) fn new(stored: &Arc<Stored>, capacity_bytes: u64) -> Self {
        let meter = global::meter("sportello.spool");
        observe(&meter, stored);
        meter
            .u64_gauge("sportello.spool.capacity_bytes")
            .with_description("most bytes of the applications on the local disk")
            .build()
            .record(capacity_bytes, &[]);
        Self {
            puts: meter
                .u64_counter("sportello.spool.puts")
                .with_description("applications to keep on the local disk, by how that ended")
                .build(),
            replayed: meter
                .u64_counter("sportello.spool.replayed")
                .with_description("applications that left the local disk for the queue")
                .build(),
        }
    }

    pub(crate) fn put(&self, result: PutResult) {
        self.puts.add(1, &[KeyValue::new("result", result.as_str())]);
    }

    pub(crate) fn removed(&self, items: u64) {
        self.replayed.add(items, &[]);
    }
}

/// Reports the totals for as long as the spool is in use.
fn observe(meter: &Meter, stored: &Arc<Stored>) {
    let gauge = |name, description, unit, value: fn(Holding) -> f64| {
        let stored = Arc::downgrade(stored);
        meter
            .f64_observable_gauge(name)
            .with_description(description)
            .with_unit(unit)
            .with_callback(move |observer| {
                if let Some(stored) = Weak::upgrade(&stored) {
                    observer.observe(value(stored.holding()), &[]);
                }
            })
            .build();
    };
    #[expect(clippy::cast_precision_loss, reason = "a metric")]
    let (items, bytes) = (
        |holding: Holding| holding.items as f64,
        |holding: Holding| holding.bytes as f64,
    );
    gauge(
        "sportello.spool.applications",
        "accepted applications on the local disk that are not in the queue yet",
        "",
        items,
    );
    gauge(
        "sportello.spool.bytes",
        "bytes of the applications on the local disk",
        "",
        bytes,
    );
    gauge(
        "sportello.spool.oldest_age",
        "age of the oldest application on the local disk",
        "s",
        |holding| holding.oldest_age.as_secs_f64(),
    );
}
