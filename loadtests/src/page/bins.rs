//! Reduces a run to few enough points for a plot.

use std::collections::BTreeMap;

use crate::scenario::run_report::{AnswerKind, Latency, RunReport, Second, Usage};

/// A run cut into pieces of the same length.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    /// Seconds of each; the last one may have fewer.
    pub width: usize,
    /// In their order.
    pub bins: Vec<Bin>,
}

/// Some seconds of a run as one. Most figures are the worst second's, so that no peak disappears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bin {
    /// Number of seconds.
    pub seconds: usize,
    /// Attempts due, all together.
    pub due: u64,
    /// Answers, all together.
    pub answers: BTreeMap<AnswerKind, u64>,
    /// Each figure in its worst second.
    pub latency: Option<Latency>,
    /// The most messages.
    pub backlog_messages: Option<u64>,
    /// Applications accepted since the run began.
    pub accepted: u64,
    /// Applications registered since the run began, at the end.
    pub registered: Option<u64>,
    /// The most applications.
    pub spooled: Option<u64>,
    /// Cores on average, and the most memory.
    pub processes: BTreeMap<String, Usage>,
}

impl Bins {
    /// Groups the report's seconds into at most `at_most` bins.
    #[must_use]
    pub fn new(report: &RunReport, at_most: usize) -> Self {
        let width = report.seconds.len().div_ceil(at_most.max(1)).max(1);
        let mut accepted = 0;
        let bins = report.seconds.chunks(width).map(|seconds| {
            let bin = Bin::new(seconds, accepted);
            accepted = bin.accepted;
            bin
        });
        Self {
            width,
            bins: bins.collect(),
        }
    }

    /// Returns the length of all bins, in seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        (self.bins.len() * self.width) as f64
    }

    /// Returns the begin of a bin, in seconds.
    #[must_use]
    pub fn begins_at_s(&self, index: usize) -> f64 {
        (index * self.width) as f64
    }
}

impl Bin {
    fn new(seconds: &[Second], accepted_before: u64) -> Self {
        let mut bin = Self {
            seconds: seconds.len(),
            accepted: accepted_before,
            ..Self::default()
        };
        for second in seconds {
            bin.due += u64::from(second.due);
            for (kind, answers) in &second.answers {
                *bin.answers.entry(*kind).or_default() += u64::from(*answers);
            }
            bin.accepted += u64::from(second.answers.get(&AnswerKind::Accepted).copied().unwrap_or(0));
            bin.latency = worst(bin.latency, second.latency);
            // an unknown value compares as less than zero
            bin.backlog_messages = bin.backlog_messages.max(second.backlog_messages);
            bin.spooled = bin.spooled.max(second.spooled);
            bin.registered = second.registered.or(bin.registered);
        }
        bin.processes = usage(seconds);
        bin
    }
}

fn worst(one: Option<Latency>, other: Option<Latency>) -> Option<Latency> {
    let (Some(one), Some(other)) = (one, other) else {
        return one.or(other);
    };
    Some(Latency {
        count: one.count + other.count,
        p50_ms: one.p50_ms.max(other.p50_ms),
        p90_ms: one.p90_ms.max(other.p90_ms),
        p99_ms: one.p99_ms.max(other.p99_ms),
        p999_ms: one.p999_ms.max(other.p999_ms),
        max_ms: one.max_ms.max(other.max_ms),
    })
}

/// Returns average cores and the most memory of each process. A process that is away in a second
/// uses nothing; a second without a sample does not count.
fn usage(seconds: &[Second]) -> BTreeMap<String, Usage> {
    let looked = seconds.iter().filter(|second| !second.processes.is_empty());
    let looked: Vec<_> = looked.map(|second| &second.processes).collect();
    let mut all: BTreeMap<String, Usage> = BTreeMap::new();
    for (name, usage) in looked.iter().copied().flatten() {
        let sum = all.entry(name.clone()).or_default();
        sum.cores += usage.cores / looked.len() as f64;
        sum.memory_bytes = sum.memory_bytes.max(usage.memory_bytes);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seconds: u32) -> RunReport {
        let second = |at: u32| Second {
            due: 10,
            answers: BTreeMap::from([(AnswerKind::Accepted, 9), (AnswerKind::Unavailable, 1)]),
            latency: (at != 3).then(|| Latency {
                count: 10,
                max_ms: if at == 12_345 { 900.0 } else { 4.0 },
                ..Latency::default()
            }),
            backlog_messages: (at != 3).then_some(if at == 777 { 50_000 } else { 2 }),
            registered: Some(u64::from(at) * 9),
            processes: BTreeMap::from([(
                "intake".to_owned(),
                Usage {
                    cores: if at.is_multiple_of(2) { 1.0 } else { 0.0 },
                    memory_bytes: u64::from(at),
                },
            )]),
            ..Second::default()
        };
        RunReport {
            seconds: (0..seconds).map(second).collect(),
            ..RunReport::default()
        }
    }

    #[test]
    fn a_long_run_is_thinned_and_loses_neither_a_peak_nor_an_answer() {
        let bins = Bins::new(&run(36_000), 600);
        assert_eq!((bins.width, bins.bins.len()), (60, 600));
        let longest = bins.bins.iter().filter_map(|bin| bin.latency);
        assert_eq!(longest.map(|latency| latency.max_ms).fold(0.0, f64::max), 900.0);
        assert_eq!(
            bins.bins.iter().filter_map(|bin| bin.backlog_messages).max(),
            Some(50_000)
        );
        assert_eq!(bins.bins.iter().map(|bin| bin.due).sum::<u64>(), 360_000);
        let refused = bins.bins.iter().map(|bin| bin.answers[&AnswerKind::Unavailable]);
        assert_eq!(refused.sum::<u64>(), 36_000);
        let last = bins.bins.last().unwrap();
        assert_eq!((last.accepted, last.registered), (36_000 * 9, Some(35_999 * 9)));
        let intake = last.processes["intake"];
        assert!((intake.cores - 0.5).abs() < 1e-6, "{}", intake.cores);
        assert_eq!(intake.memory_bytes, 35_999);
    }

    #[test]
    fn a_short_run_is_left_as_it_is_and_a_gap_stays_a_gap() {
        let bins = Bins::new(&run(5), 600);
        assert_eq!((bins.width, bins.bins.len()), (1, 5));
        assert_eq!(bins.bins[3].latency, None);
        assert_eq!(bins.bins[3].backlog_messages, None);
        assert_eq!(Bins::new(&run(0), 600).bins, []);
        let uneven = Bins::new(&run(601), 600);
        assert_eq!((uneven.width, uneven.bins.len()), (2, 301));
        assert_eq!(uneven.bins[300].seconds, 1);
    }
}
