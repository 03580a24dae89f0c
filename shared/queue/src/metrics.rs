//! Metrics of the queue, through the global meter. Instruments and attributes are built once, so a
//! recording costs a few dozen nanoseconds. Telemetry must start before these parts.

use std::time::Duration;

use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter};
use opentelemetry::{KeyValue, global};
use sportello_domain::{Channel, PerChannel};

const CONFIRM_SECONDS: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];
const APPLICATIONS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// How a publish ended in the owner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PublishResult {
    Confirmed,
    Refused,
    Blocked,
    Unavailable,
    NoCapacity,
    /// Its deadline passed before it was sent.
    Expired,
}

impl PublishResult {
    const ALL: [Self; 6] = [
        Self::Confirmed,
        Self::Refused,
        Self::Blocked,
        Self::Unavailable,
        Self::NoCapacity,
        Self::Expired,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Blocked => "blocked",
            Self::Unavailable => "unavailable",
            Self::NoCapacity => "no_capacity",
            Self::Expired => "expired",
        }
    }
}

pub(crate) struct PublisherMetrics {
    meter: Meter,
    publishes: Counter<u64>,
    timeouts: Counter<u64>,
    confirm_seconds: Histogram<f64>,
    message_applications: Histogram<u64>,
    reconnects: Counter<u64>,
    answered_without_confirm: Gauge<u64>,
    attributes: PerChannel<Attributes>,
}

/// The attributes of one channel, ready to use.
struct Attributes {
    channel: [KeyValue; 1],
    reconnects: [KeyValue; 2],
    results: [[KeyValue; 2]; PublishResult::ALL.len()],
}

impl Attributes {
    fn of(channel: Channel) -> Self {
        let channel = KeyValue::new("channel", channel.as_str());
        Self {
            reconnects: [channel.clone(), KeyValue::new("role", "publisher")],
            results: PublishResult::ALL
                .map(|result| [channel.clone(), KeyValue::new("result", result.as_str())]),
            channel: [channel],
        }
    }
}

/// Makes the counter of connections that were made anew.
#[must_use]
pub fn reconnects(meter: &Meter) -> Counter<u64> {
    meter
        .u64_counter("sportello.queue.reconnects")
        .with_description("connections to the broker that ended or could not be made")
        .build()
}

impl PublisherMetrics {
    pub(crate) fn new() -> Self {
        let meter = global::meter("sportello.queue");
        Self {
            publishes: meter
                .u64_counter("sportello.queue.publishes")
                .with_description("applications to publish, by how that ended")
                .build(),
            timeouts: meter
                .u64_counter("sportello.queue.publish_timeouts")
                .with_description("applications whose sender got no answer within the deadline")
                .build(),
            confirm_seconds: meter
                .f64_histogram("sportello.queue.confirm_duration")
                .with_unit("s")
                .with_description("time from sending a message to its confirm")
                .with_boundaries(CONFIRM_SECONDS.to_vec())
                .build(),
            message_applications: meter
                .u64_histogram("sportello.queue.message_applications")
                .with_description("applications of one confirmed message")
                .with_boundaries(APPLICATIONS.to_vec())
                .build(),
            reconnects: reconnects(&meter),
            answered_without_confirm: meter
                .u64_gauge("sportello.queue.answered_without_confirm")
                .with_description(
                    "applications answered with 202 without a confirm of broker or disk: an error",
                )
                .build(),
            attributes: PerChannel::from_fn(Attributes::of),
            meter,
        }
    }

    /// Counts publishes by how they ended.
    pub(crate) fn ended(&self, channel: Channel, result: PublishResult, applications: usize) {
        if applications > 0 {
            let attributes = &self.attributes[channel].results[result as usize];
            self.publishes.add(applications as u64, attributes);
        }
    }

    /// Counts a sender without an answer; the publish itself is counted when it ends.
    pub(crate) fn timed_out(&self, channel: Channel) {
        self.timeouts.add(1, &self.attributes[channel].channel);
    }

    pub(crate) fn confirmed(&self, channel: Channel, applications: usize, after: Duration) {
        let attributes = &self.attributes[channel].channel;
        self.confirm_seconds.record(after.as_secs_f64(), attributes);
        self.message_applications.record(applications as u64, attributes);
    }

    /// Reports answers that nothing durable stands behind.
    pub(crate) fn answered_without_confirm(&self, channel: Channel, applications: u64) {
        let attributes = &self.attributes[channel].channel;
        self.answered_without_confirm.record(applications, attributes);
    }

    pub(crate) fn reconnects(&self, channel: Channel) {
        self.reconnects.add(1, &self.attributes[channel].reconnects);
    }

    /// Reports the value of `in_flight`, for as long as it has one.
    pub(crate) fn observe_in_flight(
        &self,
        channel: Channel,
        in_flight: impl Fn() -> Option<usize> + Send + Sync + 'static,
    ) {
        let attributes = self.attributes[channel].channel.clone();
        self.meter
            .u64_observable_gauge("sportello.queue.in_flight")
            .with_description("applications that wait for their message or its confirm")
            .with_callback(move |observer| {
                if let Some(in_flight) = in_flight() {
                    observer.observe(in_flight as u64, &attributes);
                }
            })
            .build();
    }
}

pub(crate) struct ConsumerMetrics {
    reconnects: Counter<u64>,
    attributes: [KeyValue; 2],
}

impl ConsumerMetrics {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            reconnects: reconnects(&global::meter("sportello.queue")),
            attributes: [
                KeyValue::new("channel", channel.as_str()),
                KeyValue::new("role", "consumer"),
            ],
        }
    }

    pub(crate) fn reconnects(&self) {
        self.reconnects.add(1, &self.attributes);
    }
}

/// Metrics of the queues' members.
pub(crate) struct MemberMetrics(Gauge<u64>);

impl MemberMetrics {
    pub(crate) fn new() -> Self {
        let missing = global::meter("sportello.queue")
            .u64_gauge("sportello.queue.missing_members")
            .with_description("members that a queue should have and that are missing or do not run")
            .build();
        Self(missing)
    }

    pub(crate) fn missing(&self, queue: &'static str, members: usize) {
        self.0.record(members as u64, &[KeyValue::new("queue", queue)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_result_has_its_own_attributes() {
        for (index, result) in PublishResult::ALL.into_iter().enumerate() {
            assert_eq!(result as usize, index);
        }
    }
}
