//! The figures of a large upload and of the citizens who applied meanwhile.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;
use sportello_stack::Memory;

use crate::bulk::batches::{Batch, Upload};
use crate::faults::report::percentile;
use crate::people::applications::BATCHES;
use crate::proof::answer::Answer;
use crate::proof::ledger::Line;
use crate::proof::promises::Answered;
use crate::proof::reconcile::{Finding, Reconciliation};
use crate::system::backlog::Backlog;

/// Goals: seconds to the last line of the answer, milliseconds for 99 of 100 citizens, MB for
/// intake.
const ANSWERED_WITHIN_S: f64 = 60.0;
const CITIZENS_P99_MS: f64 = 100.0;
const INTAKE_PEAK_MB: f64 = 150.0;
const SHOWN: usize = 10;

/// The observations of a run.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The file.
    pub batch: &'a Batch,
    /// The result of the upload.
    pub upload: &'a Upload,
    /// From the upload's start until its rows were registered.
    pub registered_after: Duration,
    /// Messages left in the broker.
    pub backlog: Backlog,
    /// The whole ledger.
    pub lines: &'a [Line],
    /// Ledger and register compared.
    pub reconciliation: &'a Reconciliation,
    /// How long citizens' applications waited for their registration, shortest first.
    pub waits: Vec<Duration>,
    /// Intake's memory.
    pub intake: Memory,
    /// The worker's memory.
    pub worker: Memory,
}

/// A large file among citizens.
#[derive(Debug, Serialize)]
pub struct BulkReport {
    /// Rows of the file.
    pub rows: u64,
    /// Rows accepted.
    pub accepted: u64,
    /// Rows refused.
    pub refused: usize,
    /// Rows of the register that belong to the file.
    pub registered: usize,
    /// From the upload's start to the last line of the answer, in seconds.
    pub answered_after_s: f64,
    /// From the upload's start until all accepted rows were registered, in seconds.
    pub registered_after_s: f64,
    /// Rows answered a second.
    pub rows_per_s: f64,
    /// The citizens who applied meanwhile.
    pub citizens: Citizens,
    /// Intake's largest resident set, in MB.
    pub intake_peak_mb: f64,
    /// The worker's largest resident set, in MB.
    pub worker_peak_mb: f64,
    /// The goals with their figures. They also depend on the machine, so none is a promise.
    pub goals: Vec<Goal>,
    /// Findings in the register.
    pub findings: Vec<Finding>,
    /// Broken promises.
    pub broken_promises: Vec<String>,
}

/// The citizens who applied while the file came in.
#[derive(Debug, Serialize)]
pub struct Citizens {
    /// Requests.
    pub requests: usize,
    /// Requests with an answer other than `202`.
    pub refused: usize,
    /// Times to the answer, in milliseconds from the intended start.
    pub median_ms: f64,
    /// The 99th percentile of them.
    pub p99_ms: f64,
    /// The longest of them.
    pub longest_ms: f64,
    /// Times from the receipt to the registration, in milliseconds: the median.
    pub registered_median_ms: f64,
    /// The longest of them.
    pub registered_longest_ms: f64,
}

/// A figure and its upper limit.
#[derive(Debug, Serialize)]
pub struct Goal {
    /// Name of the figure.
    pub name: &'static str,
    /// Upper limit.
    pub goal: f64,
    /// Measured value.
    pub measured: f64,
}

impl Goal {
    /// Returns whether it was reached.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.measured <= self.goal
    }
}

impl BulkReport {
    /// Computes the figures.
    #[must_use]
    pub fn new(seen: &Seen<'_>) -> Self {
        let citizens = Citizens::new(seen);
        let answered_after_s = seen.upload.took.as_secs_f64();
        let intake_peak_mb = megabytes(seen.intake.peak);
        let goal = |name, goal, measured| Goal { name, goal, measured };
        Self {
            rows: seen.batch.rows(),
            accepted: seen.upload.accepted,
            refused: seen.upload.refused.len(),
            registered: seen.reconciliation.registered(&seen.batch.numbers()),
            answered_after_s,
            registered_after_s: seen.registered_after.as_secs_f64(),
            rows_per_s: seen.batch.rows() as f64 / answered_after_s,
            goals: vec![
                goal("seconds to the last answer", ANSWERED_WITHIN_S, answered_after_s),
                goal("citizens' p99 in ms", CITIZENS_P99_MS, citizens.p99_ms),
                goal("intake's peak in MB", INTAKE_PEAK_MB, intake_peak_mb),
            ],
            broken_promises: broken_promises(seen, &citizens),
            citizens,
            intake_peak_mb,
            worker_peak_mb: megabytes(seen.worker.peak),
            findings: seen.reconciliation.findings.clone(),
        }
    }

    /// Returns whether every promise was kept.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.findings.is_empty() && self.broken_promises.is_empty()
    }

    /// Returns the figures as a text for people.
    #[must_use]
    pub fn text(&self) -> String {
        let citizens = &self.citizens;
        let mut text = format!(
            "rows: {} sent, {} accepted, {} refused, {} registered\n\
             last answer after {:.1} s ({:.0} rows/s), all registered after {:.1} s\n\
             citizens: {} requests, {} refused; answer median {:.1} ms, p99 {:.1} ms, longest {:.1} ms; \
             registered after median {:.0} ms, longest {:.0} ms\n\
             memory: intake {:.0} MB, worker {:.0} MB at most\n",
            self.rows,
            self.accepted,
            self.refused,
            self.registered,
            self.answered_after_s,
            self.rows_per_s,
            self.registered_after_s,
            citizens.requests,
            citizens.refused,
            citizens.median_ms,
            citizens.p99_ms,
            citizens.longest_ms,
            citizens.registered_median_ms,
            citizens.registered_longest_ms,
            self.intake_peak_mb,
            self.worker_peak_mb,
        );
        for goal in &self.goals {
            let met = if goal.is_met() { "reached" } else { "missed" };
            // writing to a string does not fail
            let _ = writeln!(
                text,
                "goal {met}: {} {:.1}, at most {}",
                goal.name, goal.measured, goal.goal
            );
        }
        for promise in &self.broken_promises {
            let _ = writeln!(text, "broken promise: {promise}");
        }
        for finding in self.findings.iter().take(SHOWN) {
            let _ = writeln!(text, "{finding:?}");
        }
        text
    }
}

impl Citizens {
    fn new(seen: &Seen<'_>) -> Self {
        let answers = seen.lines.iter().filter_map(Answered::of);
        let answers: Vec<_> = answers
            .filter(|(number, _)| *number < BATCHES)
            .map(|(_, answered)| answered)
            .collect();
        let is_refused = |answered: &&Answered<'_>| !matches!(answered.answer, Answer::Accepted { .. });
        let mut latencies: Vec<_> = answers.iter().map(|answered| answered.latency).collect();
        latencies.sort_unstable();
        Self {
            requests: answers.len(),
            refused: answers.iter().filter(is_refused).count(),
            median_ms: percentile(&latencies, 50),
            p99_ms: percentile(&latencies, 99),
            longest_ms: percentile(&latencies, 100),
            registered_median_ms: percentile(&seen.waits, 50),
            registered_longest_ms: percentile(&seen.waits, 100),
        }
    }
}

fn broken_promises(seen: &Seen<'_>, citizens: &Citizens) -> Vec<String> {
    let mut broken = seen.upload.wrong.clone();
    if !seen.upload.is_complete(seen.batch) {
        let first = seen.upload.refused.first();
        broken.push(format!("every good row is accepted: first refused {first:?}"));
    }
    if citizens.refused > 0 {
        let refused = citizens.refused;
        broken.push(format!("citizens are accepted meanwhile: {refused} were not"));
    }
    if seen.backlog != Backlog::default() {
        broken.push(format!("the backlog is drained: {:?}", seen.backlog));
    }
    broken
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
