//! Gauges of the ledger. Only the auditor has values; all others report zero, so that each series
//! exists from the start. The sum or the maximum over all processes is the auditor's value.

use std::sync::Arc;

use opentelemetry::metrics::{Meter, ObservableGauge};
use opentelemetry::{KeyValue, global};
use parking_lot::Mutex;
use sportello_domain::{Channel, PerChannel};

use crate::read::{ChannelLedger, Ledger};

/// The values of one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Values {
    lost_applications: u64,
    lost_messages: u64,
    suspect_messages: u64,
    open_tails: u64,
    outstanding: u64,
    oldest_age_seconds: u64,
    answered: u64,
    confirmed: u64,
    settled: u64,
}

#[derive(Debug, Default)]
struct Reported {
    channels: PerChannel<Values>,
    audited_at_seconds: u64,
    comparing: u64,
    miscounted: u64,
}

/// The gauges; they report as long as this is held.
pub(crate) struct Metrics {
    reported: Arc<Mutex<Reported>>,
    _gauges: Vec<ObservableGauge<u64>>,
}

type Name = (&'static str, &'static str, &'static str, fn(&Values) -> u64);

/// Name, unit and description of each gauge of a channel.
const GAUGES: [Name; 9] = [
    (
        "sportello.ledger.lost_applications",
        "",
        "confirmed applications that are proved to be lost, and named",
        |values| values.lost_applications,
    ),
    (
        "sportello.ledger.lost_messages",
        "",
        "confirmed messages that are proved to be lost, named or not",
        |values| values.lost_messages,
    ),
    (
        "sportello.ledger.suspect_messages",
        "",
        "confirmed messages that are missing although much younger ones arrived",
        |values| values.suspect_messages,
    ),
    (
        "sportello.ledger.open_tails",
        "",
        "publishers that ended without a last statement",
        |values| values.open_tails,
    ),
    (
        "sportello.ledger.outstanding_applications",
        "",
        "confirmed applications that no worker has settled",
        |values| values.outstanding,
    ),
    (
        "sportello.ledger.oldest_age",
        "s",
        "time since the confirm of the oldest application that no worker has settled",
        |values| values.oldest_age_seconds,
    ),
    (
        "sportello.ledger.answered_applications",
        "",
        "applications answered with 202, since the beginning",
        |values| values.answered,
    ),
    (
        "sportello.ledger.confirmed_applications",
        "",
        "applications that the broker confirmed, since the beginning",
        |values| values.confirmed,
    ),
    (
        "sportello.ledger.settled_applications",
        "",
        "confirmed applications that workers settled, since the beginning",
        |values| values.settled,
    ),
];

impl Metrics {
    pub(crate) fn new() -> Self {
        let reported = Arc::<Mutex<Reported>>::default();
        let meter = global::meter("sportello.ledger");
        let mut gauges: Vec<_> = GAUGES
            .iter()
            .map(|name| of_channels(&meter, name, &reported))
            .collect();
        let all = Arc::clone(&reported);
        let audited = meter
            .u64_observable_gauge("sportello.ledger.audited_timestamp")
            .with_unit("s")
            .with_description("when the auditor made its last round, in seconds since 1970")
            .with_callback(move |observer| observer.observe(all.lock().audited_at_seconds, &[]));
        gauges.push(audited.build());
        let all = Arc::clone(&reported);
        let comparing = meter
            .u64_observable_gauge("sportello.ledger.comparing")
            .with_description("1 while the broker's queues are counted, so that a loss can be proved")
            .with_callback(move |observer| observer.observe(all.lock().comparing, &[]));
        gauges.push(comparing.build());
        let all = Arc::clone(&reported);
        let miscounted = meter
            .u64_observable_gauge("sportello.ledger.miscounted_applications")
            .with_description("by how many the counters of outcomes differed from the register, last night")
            .with_callback(move |observer| observer.observe(all.lock().miscounted, &[]));
        gauges.push(miscounted.build());
        Self {
            reported,
            _gauges: gauges,
        }
    }

    pub(crate) fn report(&self, ledger: &Ledger) {
        let now = ledger.audited_at.unwrap_or_default();
        let mut reported = self.reported.lock();
        for (channel, values) in ledger.channels.iter() {
            reported.channels[channel] = values_of(values, now);
        }
        reported.audited_at_seconds = u64::try_from(now.as_second()).unwrap_or_default();
        reported.comparing = ledger.compared_since.is_some().into();
        reported.miscounted = ledger.miscounted.unwrap_or_default();
    }

    /// Reports zero: another process is the auditor.
    pub(crate) fn forget(&self) {
        *self.reported.lock() = Reported::default();
    }
}

fn of_channels(
    meter: &Meter,
    (name, unit, description, value): &Name,
    reported: &Arc<Mutex<Reported>>,
) -> ObservableGauge<u64> {
    let (reported, value) = (Arc::clone(reported), *value);
    meter
        .u64_observable_gauge(*name)
        .with_unit(*unit)
        .with_description(*description)
        .with_callback(move |observer| {
            let reported = reported.lock();
            for channel in Channel::ALL {
                let attributes = [KeyValue::new("channel", channel.as_str())];
                observer.observe(value(&reported.channels[channel]), &attributes);
            }
        })
        .build()
}

fn values_of(ledger: &ChannelLedger, now: jiff::Timestamp) -> Values {
    let age = ledger
        .oldest_waiting_since
        .map(|since| now.duration_since(since).as_secs());
    let named: u64 = ledger.gaps.iter().map(|gap| gap.messages).sum();
    Values {
        lost_applications: ledger.lost,
        lost_messages: named + ledger.lost_unnamed_messages,
        suspect_messages: ledger.suspects.iter().map(|suspect| suspect.messages).sum(),
        open_tails: ledger.open_tails.len() as u64,
        outstanding: ledger.outstanding,
        oldest_age_seconds: age.map_or(0, |age| u64::try_from(age).unwrap_or_default()),
        answered: ledger.answered,
        confirmed: ledger.confirmed,
        settled: ledger.confirmed.saturating_sub(ledger.outstanding + ledger.lost),
    }
}
