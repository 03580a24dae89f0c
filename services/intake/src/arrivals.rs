//! Counts accepted applications by benefit.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::metrics::ObservableCounter;
use opentelemetry::{KeyValue, global};
use parking_lot::RwLock;
use sportello_domain::{BenefitId, Channel, PerChannel};

/// Counts by benefit. A counter of OpenTelemetry would look up its labels at each application.
type Counts = RwLock<HashMap<BenefitId, PerChannel<AtomicU64>>>;

static COUNTS: LazyLock<Counts> = LazyLock::new(Counts::default);
/// Reads the counts when metrics are collected.
static ARRIVALS: LazyLock<ObservableCounter<u64>> = LazyLock::new(|| {
    global::meter("sportello.intake")
        .u64_observable_counter("sportello.intake.arrivals")
        .with_description("accepted applications, by benefit")
        .with_callback(|observer| {
            for (benefit, counts) in &*COUNTS.read() {
                for (channel, count) in counts.iter() {
                    let labels = [
                        KeyValue::new("benefit", benefit.as_str().to_owned()),
                        KeyValue::new("channel", channel.as_str()),
                    ];
                    observer.observe(count.load(Ordering::Relaxed), &labels);
                }
            }
        })
        .build()
});

/// Counts an application of a benefit, which the catalogue names.
pub(crate) fn accepted(benefit: &BenefitId, channel: Channel) {
    if let Some(counts) = COUNTS.read().get(benefit) {
        counts[channel].fetch_add(1, Ordering::Relaxed);
        return;
    }
    LazyLock::force(&ARRIVALS);
    let mut all = COUNTS.write();
    let counts = all
        .entry(benefit.clone())
        .or_insert_with(|| PerChannel::from_fn(|_| AtomicU64::new(0)));
    counts[channel].fetch_add(1, Ordering::Relaxed);
}
