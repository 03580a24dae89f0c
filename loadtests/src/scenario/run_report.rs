//! The figures of a run: written as JSON, shown as a page.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One run of a scenario, from its first arrival until everything accepted was settled.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RunReport {
    /// The scenario's name.
    pub scenario: String,
    /// Description in a sentence or two.
    pub description: String,
    /// Seed of people and arrivals.
    pub seed: u64,
    /// The command that runs it again, with every option that counts.
    pub command: String,
    /// When the first application was due.
    pub begun_at: Timestamp,
    /// The machine.
    pub machine: Machine,
    /// One entry for each second from the first arrival on, without gaps.
    pub seconds: Vec<Second>,
    /// Events during the run.
    pub events: Vec<Event>,
    /// All answers of the run, by kind.
    pub answers: BTreeMap<AnswerKind, u64>,
    /// Latency of accepted attempts, from the intended start to the end of the answer.
    pub accepted_latency: Latency,
    /// Latency of all attempts.
    pub latency: Latency,
    /// Ledger and register compared.
    pub sums: Sums,
    /// Promises and whether they were kept: a broken one fails the run.
    pub promises: Vec<Promise>,
    /// Goals for this class of machine: they also depend on the machine.
    pub goals: Vec<Goal>,
    /// Largest resident set of each process, in bytes, by its name.
    pub peak_memory_bytes: BTreeMap<String, u64>,
    /// From the first arrival to the last answer, in seconds.
    pub answered_after_s: f64,
    /// From the first arrival until everything accepted was settled, in seconds.
    pub settled_after_s: f64,
}

/// The machine of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Machine {
    /// Cores that it may use, the load generator's included.
    pub cores: usize,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// `debug` or `release`.
    pub profile: String,
}

/// One second of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Second {
    /// Attempts due in it.
    pub due: u32,
    /// Answers received in it, by kind.
    pub answers: BTreeMap<AnswerKind, u32>,
    /// Latency of attempts answered in it; none without answers.
    pub latency: Option<Latency>,
    /// Unacknowledged messages in the broker; one may hold many applications. None if unknown.
    pub backlog_messages: Option<u64>,
    /// Applications registered since the run began. None if unknown.
    pub registered: Option<u64>,
    /// Applications in intake's spool. None without a spool, or if unknown.
    pub spooled: Option<u64>,
    /// Resources of each process, by its name: `intake`, `worker-1`, `status`, `postgres`,
    /// `rabbitmq`, `loadtests`.
    pub processes: BTreeMap<String, Usage>,
    /// What the operators' console showed at its end. None without a console, or without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorSecond>,
}

/// What the operators' console showed at an instant, all channels together, and what was known
/// outside then. None where the console said that it is unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OperatorSecond {
    /// Applications that came, a second.
    pub arrivals: Option<f64>,
    /// Applications that were settled, a second.
    pub settled: Option<f64>,
    /// The backlog in applications.
    pub outstanding: Option<u64>,
    /// Applications on the local disks of intake.
    pub spooled: Option<u64>,
    /// Age of the oldest of the backlog, in seconds.
    pub oldest_s: Option<f64>,
    /// Answered with `202`, since the beginning.
    pub answered: Option<u64>,
    /// Put on the register, since the beginning.
    pub registered: Option<u64>,
    /// Whether the equation holds in each channel.
    pub is_whole: Option<bool>,
    /// The verdict of the ledger.
    pub verdict: Option<String>,
    /// The first loss that is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<NamedGap>,
    /// Seconds until nothing waits, from … to; none where it does not clear.
    pub drains_in_s: Option<[u64; 2]>,
    /// Workers that are wanted.
    pub wanted: Option<u16>,
    /// Workers that run.
    pub running: Option<u16>,
    /// Workers that register.
    pub busy: Option<u16>,
    /// Why so many are wanted: the code of the first reason.
    pub reason: Option<String>,
    /// Lost messages, as the metric of the auditor says.
    pub metric_lost: Option<u64>,
    /// Whether Prometheus fires the alert of a loss; none without Prometheus.
    pub alert: Option<bool>,
    /// Outside: distinct applications with a `202`.
    pub outside_accepted: u64,
    /// Outside: further answers with `202`.
    pub outside_again: u64,
    /// Outside: attempts that ended in doubt, so that the application may have come.
    pub outside_in_doubt: u64,
    /// Outside: rows of the register, counted.
    pub outside_registered: Option<u64>,
}

/// Lost messages by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedGap {
    /// The process that published them.
    pub process: String,
    /// Their numbers.
    pub numbers: String,
    /// How many applications they hold.
    pub applications: u64,
}

/// Resources of a process and its children in a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Cores: 1.0 is one core for the whole second.
    pub cores: f64,
    /// Resident set in bytes.
    pub memory_bytes: u64,
}

/// The end of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// The first `202` for an application.
    Accepted,
    /// Another `202`, for an application sent once more with the same key.
    AcceptedAgain,
    /// A `4xx` for an application that is invalid on purpose.
    Refused,
    /// `429`.
    TooMany,
    /// `503` with `Retry-After`.
    Unavailable,
    /// The connection ended without an answer, or was refused.
    Broken,
    /// No answer in time.
    TimedOut,
    /// An answer that the API does not promise.
    Wrong,
}

/// Times in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Number of times.
    pub count: u64,
    /// The median.
    pub p50_ms: f64,
    /// 90 of 100 took at most this.
    pub p90_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// 999 of 1,000.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// The sum of all accepted applications: `accepted = registered + dead_lettered + taken + lost`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Distinct applications attempted.
    pub attempted: u64,
    /// Distinct applications with a `202`.
    pub accepted: u64,
    /// Their rows in the register, with any outcome.
    pub registered: u64,
    /// Applications in the dead-letter queue.
    pub dead_lettered: u64,
    /// Applications of messages that were taken out of a queue by hand, on purpose.
    #[serde(default)]
    pub taken: u64,
    /// Accepted applications found nowhere.
    pub lost: u64,
    /// Applications registered more than once.
    pub twice: u64,
    /// Other findings: another id, another person's application, a time later than the receipt's.
    pub other_findings: u64,
    /// Receipts whose signature was checked.
    pub receipts_checked: u64,
    /// Checked receipts that were not valid.
    pub receipts_bad: u64,
    /// Applications whose status was read by their holder and by another person.
    pub statuses_checked: u64,
    /// Applications whose holder could not read the status, or whose status another person could
    /// read.
    pub statuses_bad: u64,
}

/// An event during the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Seconds from the first arrival.
    pub at_s: f64,
    /// The event, such as `postgres stopped`.
    pub what: String,
}

/// A promise: it holds on every machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The promise as a sentence.
    pub promise: String,
    /// Whether it held.
    pub kept: bool,
    /// If broken: the number of cases and the total.
    pub detail: String,
}

/// A figure and its goal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Name of the figure, with its unit.
    pub name: String,
    /// Measured value.
    pub measured: f64,
    /// Goal.
    pub goal: f64,
    /// Whether more is better; otherwise `goal` is an upper limit.
    pub at_least: bool,
}

impl Goal {
    /// Returns whether it was reached.
    #[must_use]
    pub fn is_met(&self) -> bool {
        if self.at_least {
            self.measured >= self.goal
        } else {
            self.measured <= self.goal
        }
    }
}

impl RunReport {
    /// Returns whether every promise was kept.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.promises.iter().all(|promise| promise.kept)
    }
}
