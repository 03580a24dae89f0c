//! Counts accepted applications by benefit.

use std::sync::LazyLock;

use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};
use sportello_domain::{BenefitId, Channel};

static ARRIVALS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("sportello.intake")
        .u64_counter("sportello.intake.arrivals")
        .with_description("accepted applications, by benefit")
        .build()
});

/// Counts an application of a benefit, which the catalogue names.
pub(crate) fn accepted(benefit: &BenefitId, channel: Channel) {
    let labels = [
        KeyValue::new("benefit", benefit.as_str().to_owned()),
        KeyValue::new("channel", channel.as_str()),
    ];
    ARRIVALS.add(1, &labels);
}
