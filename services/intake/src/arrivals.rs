//! Reports accepted applications by benefit.

use opentelemetry::{KeyValue, global};
use sportello_domain::Channel;

use crate::answered::Answered;

/// Reports the counts when metrics are collected. A counter of OpenTelemetry would look up its
/// labels at each application.
pub(crate) fn report(answered: Answered) {
    global::meter("sportello.intake")
        .u64_observable_counter("sportello.intake.arrivals")
        .with_description("accepted applications, by benefit")
        .with_callback(move |observer| {
            for channel in Channel::ALL {
                for (benefit, count) in answered.benefits(channel) {
                    let labels = [
                        KeyValue::new("benefit", benefit.as_str().to_owned()),
                        KeyValue::new("channel", channel.as_str()),
                    ];
                    observer.observe(count, &labels);
                }
            }
        })
        .build();
}
