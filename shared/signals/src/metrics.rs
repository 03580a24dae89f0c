//! Metrics of signals, through the global meter.

use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};

/// Metrics of a follower of channel settings.
pub(crate) struct FollowerMetrics {
    reconnects: Counter<u64>,
}

impl FollowerMetrics {
    pub(crate) fn new() -> Self {
        Self {
            reconnects: sportello_queue::connection::reconnects(&global::meter("sportello.signals")),
        }
    }

    pub(crate) fn reconnects(&self) {
        self.reconnects.add(1, &[KeyValue::new("role", "follower")]);
    }
}
