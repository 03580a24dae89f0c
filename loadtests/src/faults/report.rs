//! The figures of a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

use serde::Serialize;

use crate::http::open_loop::Schedule;
use crate::proof::answer::Answer;
use crate::proof::ledger::Line;
use crate::proof::promises::{self, Answered, Outage, Promise};
use crate::proof::reconcile::{Finding, Reconciliation};
use crate::system::backlog::Backlog;

/// One fault under load.
#[derive(Debug, Serialize)]
pub struct FaultReport {
    /// The fault's name.
    pub fault: String,
    /// The promise for answers.
    pub promise: Promise,
    /// Applications a second.
    pub rate: u32,
    /// Length of the load, in seconds.
    pub seconds: f64,
    /// Applications to send.
    pub applications: u64,
    /// Attempts to send them.
    pub attempts: usize,
    /// Applications that got `202`.
    pub accepted: usize,
    /// Answers by kind.
    pub answers: Answers,
    /// From the fault's begin until all parts were ready again, in seconds.
    pub away_s: f64,
    /// The median of all answers' times, in milliseconds from the intended start.
    pub median_ms: f64,
    /// The 99th percentile of them.
    pub p99_ms: f64,
    /// The longest answer among requests due during the fault, in milliseconds.
    pub longest_in_fault_ms: f64,
    /// From the last answer until the register was complete, in seconds.
    pub drained_after_s: f64,
    /// Messages left in the broker at the end.
    pub backlog: Backlog,
    /// Rows of the register that belong to these applications.
    pub registered: usize,
    /// Applications accepted and not registered.
    pub lost: usize,
    /// Applications registered more than once.
    pub twice: usize,
    /// Findings of this fault and earlier ones.
    pub findings: Vec<Finding>,
    /// Broken promises.
    pub broken_promises: Vec<String>,
}

/// Answers by kind.
#[derive(Debug, Default, Serialize)]
pub struct Answers {
    /// `202`.
    pub accepted: usize,
    /// `503` or `429`.
    pub unavailable: usize,
    /// Any other, by status.
    pub wrong: BTreeMap<u16, usize>,
    /// The connection was refused, or ended without an answer.
    pub resets: usize,
    /// No answer in time.
    pub timeouts: usize,
}

impl Answers {
    fn count(&mut self, answer: &Answer) {
        let kind = match answer {
            Answer::Accepted { .. } => &mut self.accepted,
            Answer::Unavailable { .. } => &mut self.unavailable,
            Answer::Wrong { status } => self.wrong.entry(*status).or_default(),
            Answer::NoConnection | Answer::Broken => &mut self.resets,
            Answer::TimedOut => &mut self.timeouts,
        };
        *kind += 1;
    }
}

/// The observations of one fault.
#[derive(Debug)]
pub struct Observation<'a> {
    /// Its name.
    pub name: String,
    /// The promise for answers.
    pub promise: Promise,
    /// The time for an answer while the broker is away.
    pub within: Duration,
    /// The load.
    pub load: Schedule,
    /// Numbers of the applications sent meanwhile.
    pub numbers: Range<u64>,
    /// Times of the fault.
    pub outage: Outage,
    /// Messages left in the broker.
    pub backlog: Backlog,
    /// From the last answer until the register was complete.
    pub drained_after: Duration,
    /// The whole ledger.
    pub lines: &'a [Line],
    /// The ledger and the register compared.
    pub reconciliation: &'a Reconciliation,
    /// Broken promises specific to this fault.
    pub own: Vec<String>,
}

impl FaultReport {
    /// Computes the figures.
    #[must_use]
    pub fn new(seen: &Observation<'_>) -> Self {
        let answered = seen.lines.iter().filter_map(Answered::of);
        let answered: Vec<_> = answered
            .filter(|(number, _)| seen.numbers.contains(number))
            .map(|(_, answered)| answered)
            .collect();
        let mut answers = Answers::default();
        answered
            .iter()
            .for_each(|answered| answers.count(answered.answer));
        let latencies = Latencies::new(&answered, seen.outage);
        let found = |is: fn(&Finding) -> bool| {
            let mine = |finding: &&Finding| finding.application().is_some_and(|n| seen.numbers.contains(&n));
            seen.reconciliation
                .findings
                .iter()
                .filter(mine)
                .filter(|finding| is(finding))
                .count()
        };
        Self {
            fault: seen.name.clone(),
            promise: seen.promise,
            rate: seen.load.rate,
            seconds: seen.load.duration.as_secs_f64(),
            applications: seen.numbers.end - seen.numbers.start,
            attempts: answered.len(),
            accepted: seen.reconciliation.accepted(&seen.numbers),
            answers,
            away_s: (seen.outage.back - seen.outage.begun).as_secs_f64(),
            median_ms: latencies.percentile(50),
            p99_ms: latencies.percentile(99),
            longest_in_fault_ms: milliseconds(latencies.longest_in_fault),
            drained_after_s: seen.drained_after.as_secs_f64(),
            backlog: seen.backlog,
            registered: seen.reconciliation.registered(&seen.numbers),
            lost: found(|finding| matches!(finding, Finding::Lost { .. })),
            twice: found(|finding| matches!(finding, Finding::Twice { .. })),
            findings: seen.reconciliation.findings.clone(),
            broken_promises: broken_promises(seen, &answered),
        }
    }

    /// Returns whether every promise was kept.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.findings.is_empty() && self.broken_promises.is_empty()
    }
}

fn broken_promises(seen: &Observation<'_>, answered: &[Answered<'_>]) -> Vec<String> {
    let mut broken = promises::broken(seen.promise, seen.within, seen.outage, answered);
    let given_up: BTreeSet<_> = seen
        .lines
        .iter()
        .filter_map(|line| match line {
            Line::GivenUp { application } => {
                Some(*application).filter(|number| seen.numbers.contains(number))
            }
            Line::Sent { .. } | Line::Answered { .. } => None,
        })
        .collect();
    if !given_up.is_empty() {
        broken.push(format!(
            "every application is accepted in the end: {} were not",
            given_up.len()
        ));
    }
    if seen.backlog != Backlog::default() {
        let Backlog { queued, set_aside } = seen.backlog;
        broken.push(format!(
            "the backlog is drained: {queued} messages are queued, {set_aside} set aside"
        ));
    }
    broken.extend(seen.own.iter().cloned());
    broken
}

struct Latencies {
    sorted: Vec<Duration>,
    longest_in_fault: Duration,
}

impl Latencies {
    fn new(answered: &[Answered<'_>], outage: Outage) -> Self {
        let in_fault = answered
            .iter()
            .filter(|answered| (outage.begun..=outage.back).contains(&answered.due));
        let longest_in_fault = in_fault
            .map(|answered| answered.latency)
            .max()
            .unwrap_or_default();
        let mut sorted: Vec<_> = answered.iter().map(|answered| answered.latency).collect();
        sorted.sort_unstable();
        Self {
            sorted,
            longest_in_fault,
        }
    }

    fn percentile(&self, percent: usize) -> f64 {
        percentile(&self.sorted, percent)
    }
}

/// Returns a percentile of sorted times, in milliseconds.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    milliseconds(sorted.get(index).copied().unwrap_or_default())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Returns the reports as a table, followed by broken promises and findings.
#[must_use]
pub fn table(reports: &[FaultReport]) -> String {
    let mut text = format!(
        "{:<20} {:>6} {:>8} {:>8} {:>6} {:>6} {:>8} {:>8} {:>9} {:>7} {:>10} {:>5} {:>5}\n",
        "fault",
        "lasted",
        "attempts",
        "accepted",
        "503",
        "resets",
        "median",
        "p99",
        "longest",
        "drain",
        "registered",
        "lost",
        "twice"
    );
    for report in reports {
        // writing to a string does not fail
        let _ = writeln!(
            text,
            "{:<20} {:>4.1} s {:>8} {:>8} {:>6} {:>6} {:>5.0} ms {:>5.0} ms {:>6.0} ms {:>5.1} s {:>10} {:>5} {:>5}",
            report.fault,
            report.away_s,
            report.attempts,
            report.accepted,
            report.answers.unavailable,
            report.answers.resets,
            report.median_ms,
            report.p99_ms,
            report.longest_in_fault_ms,
            report.drained_after_s,
            report.registered,
            report.lost,
            report.twice,
        );
    }
    for report in reports {
        for promise in &report.broken_promises {
            let _ = writeln!(text, "{}: broken promise: {promise}", report.fault);
        }
        for finding in report.findings.iter().take(FINDINGS_SHOWN) {
            let _ = writeln!(text, "{}: {finding:?}", report.fault);
        }
    }
    text
}

const FINDINGS_SHOWN: usize = 10;
