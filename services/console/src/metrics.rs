//! Metrics. The exporter adds `_total` to counters.

use std::sync::OnceLock;

use opentelemetry::global;
use opentelemetry::metrics::{Counter, Gauge, UpDownCounter};

/// The instruments of the console.
struct Metrics {
    samples: Counter<u64>,
    streams: UpDownCounter<i64>,
    wanted: Gauge<u64>,
    misses_target: Gauge<u64>,
}

fn metrics() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| {
        let meter = global::meter("sportello.console");
        Metrics {
            samples: meter
                .u64_counter("sportello.console.samples")
                .with_description("samples that were taken, one a second for all viewers")
                .build(),
            streams: meter
                .i64_up_down_counter("sportello.console.streams")
                .with_description("live streams that are open")
                .build(),
            wanted: meter
                .u64_gauge("sportello.console.wanted_workers")
                .with_description("workers that are wanted")
                .build(),
            misses_target: meter
                .u64_gauge("sportello.console.misses_target")
                .with_description("1 while the estimate misses the target")
                .build(),
        }
    })
}

/// Counts a sample.
pub(crate) fn sampled() {
    metrics().samples.add(1, &[]);
}

/// Counts a stream that opens (1) or ends (-1).
pub(crate) fn streams(change: i64) {
    metrics().streams.add(change, &[]);
}

/// Shows the wanted number of workers.
pub(crate) fn wanted(workers: u16) {
    metrics().wanted.record(workers.into(), &[]);
}

/// Shows whether the estimate misses the target.
pub(crate) fn misses_target(misses: bool) {
    metrics().misses_target.record(misses.into(), &[]);
}
