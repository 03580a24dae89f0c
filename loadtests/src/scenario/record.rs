//! The answers, second by second.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use parking_lot::Mutex;

use super::arrivals::exact;
use crate::scenario::run_report::{AnswerKind, Latency};

/// Significant digits of times: an accuracy of 1 %.
const DIGITS: u8 = 2;
/// Longest time in microseconds; no request waits so long.
const LONGEST: u64 = 600_000_000;

/// One second of the answers.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Attempts due in it that have been answered since.
    pub due: u32,
    /// Answers received in it.
    pub answers: BTreeMap<AnswerKind, u32>,
    /// Latency of answers received in it, once it is over.
    pub latency: Option<Latency>,
}

/// All answers of a run.
#[derive(Debug, Clone)]
pub struct Answers {
    /// One entry for each second, without gaps.
    pub seconds: Vec<Tally>,
    /// Answers by kind.
    pub kinds: BTreeMap<AnswerKind, u64>,
    /// Latency of accepted attempts.
    pub accepted_latency: Latency,
    /// Latency of all attempts.
    pub latency: Latency,
    /// Answers that took longer than promised.
    pub late: u64,
    /// Time of the last answer, from the start.
    pub last: Duration,
}

/// Counts answers as they come, from all threads.
pub struct Record {
    begun: Instant,
    promised: Duration,
    inner: Mutex<Inner>,
}

struct Inner {
    seconds: Vec<Tally>,
    /// Latencies of the last second of `seconds`.
    current: Histogram<u64>,
    all: Histogram<u64>,
    accepted: Histogram<u64>,
    kinds: BTreeMap<AnswerKind, u64>,
    late: u64,
    last: Duration,
}

impl Record {
    /// Makes an empty record. Seconds count from `begun`; an answer is late if it takes longer than
    /// promised.
    ///
    /// # Errors
    /// None in practice: the bounds are valid.
    pub fn new(begun: Instant, promised: Duration) -> anyhow::Result<Self> {
        let histogram = Histogram::new_with_max(LONGEST, DIGITS)?;
        Ok(Self {
            begun,
            promised,
            inner: Mutex::new(Inner {
                seconds: vec![Tally::default()],
                current: histogram.clone(),
                all: histogram.clone(),
                accepted: histogram,
                kinds: BTreeMap::new(),
                late: 0,
                last: Duration::ZERO,
            }),
        })
    }

    /// Returns its begin.
    #[must_use]
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// Counts an attempt, due at that time, that has ended now.
    pub fn ended(&self, due: Instant, kind: AnswerKind) {
        let now = Instant::now();
        let (since, due_at) = (now - self.begun, due.saturating_duration_since(self.begun));
        let latency = now.saturating_duration_since(due);
        let microseconds = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        let mut inner = self.inner.lock();
        inner.go_to(second(since));
        inner.current.saturating_record(microseconds);
        inner.all.saturating_record(microseconds);
        if kind == AnswerKind::Accepted {
            inner.accepted.saturating_record(microseconds);
        }
        *inner.kinds.entry(kind).or_default() += 1;
        inner.late += u64::from(latency > self.promised);
        inner.last = inner.last.max(since);
        if let Some(tally) = inner.seconds.last_mut() {
            *tally.answers.entry(kind).or_default() += 1;
        }
        if let Some(tally) = inner.seconds.get_mut(second(due_at)) {
            tally.due += 1;
        }
    }

    /// Returns how many attempts have ended this way.
    #[must_use]
    pub fn count(&self, kind: AnswerKind) -> u64 {
        let inner = self.inner.lock();
        inner.kinds.get(&kind).copied().unwrap_or_default()
    }

    /// Returns all answers so far.
    #[must_use]
    pub fn answers(&self) -> Answers {
        let mut inner = self.inner.lock();
        inner.close();
        Answers {
            seconds: inner.seconds.clone(),
            kinds: inner.kinds.clone(),
            accepted_latency: latency(&inner.accepted),
            latency: latency(&inner.all),
            late: inner.late,
            last: inner.last,
        }
    }

    /// Returns the last complete second.
    #[must_use]
    pub fn last_second(&self) -> Tally {
        let mut inner = self.inner.lock();
        inner.go_to(second(self.begun.elapsed()));
        let seconds = &inner.seconds;
        let before = seconds.len().checked_sub(2).and_then(|index| seconds.get(index));
        before.cloned().unwrap_or_default()
    }
}

impl Inner {
    /// Begins this second. An answer that another thread counts a moment late belongs to the
    /// current second.
    fn go_to(&mut self, second: usize) {
        if self.seconds.len() <= second {
            self.close();
            self.current.reset();
            self.seconds.resize(second + 1, Tally::default());
        }
    }

    fn close(&mut self) {
        let of_second = (!self.current.is_empty()).then(|| latency(&self.current));
        if let Some(tally) = self.seconds.last_mut() {
            tally.latency = of_second;
        }
    }
}

fn second(since: Duration) -> usize {
    usize::try_from(since.as_secs()).unwrap_or(usize::MAX)
}

fn latency(times: &Histogram<u64>) -> Latency {
    let at = |quantile| exact(times.value_at_quantile(quantile)) / 1_000.0;
    Latency {
        count: times.len(),
        p50_ms: at(0.5),
        p90_ms: at(0.9),
        p99_ms: at(0.99),
        p999_ms: at(0.999),
        max_ms: exact(times.max()) / 1_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_in_the_second_in_which_they_come_and_from_when_they_were_due() {
        let now = Instant::now();
        let begun = now.checked_sub(Duration::from_millis(2_500)).unwrap();
        let record = Record::new(begun, Duration::from_secs(1)).unwrap();
        record.ended(begun + Duration::from_millis(500), AnswerKind::Accepted);
        record.ended(now, AnswerKind::Unavailable);
        let answers = record.answers();
        assert_eq!(answers.seconds.len(), 3);
        assert_eq!(
            answers.seconds.iter().map(|tally| tally.due).collect::<Vec<_>>(),
            [1, 0, 1]
        );
        assert_eq!(answers.seconds[0].answers.len(), 0);
        assert_eq!(answers.seconds[2].answers.len(), 2);
        assert_eq!((answers.late, answers.latency.count), (1, 2));
        let slow = answers.accepted_latency;
        assert!(
            slow.count == 1 && (1_950.0..2_500.0).contains(&slow.p50_ms),
            "{slow:?}"
        );
        assert_eq!(record.count(AnswerKind::Accepted), 1);
    }
}
