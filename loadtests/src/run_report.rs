//! What a run of a scenario shows, in figures: written as JSON, drawn as a page.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One run of a scenario, from its first arrival until everything accepted was settled.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RunReport {
    /// The scenario's name.
    pub scenario: String,
    /// What it replays, in a sentence or two.
    pub description: String,
    /// Makes the same people and the same arrivals again.
    pub seed: u64,
    /// The command that runs it again, with every option that counts.
    pub command: String,
    /// When the first application was due.
    pub begun_at: Timestamp,
    /// What it ran on.
    pub machine: Machine,
    /// One entry a second from the first arrival on, without gaps.
    pub seconds: Vec<Second>,
    /// What was done to the system meanwhile, and when.
    pub events: Vec<Event>,
    /// All answers of the run, by kind.
    pub answers: BTreeMap<AnswerKind, u64>,
    /// Times from the intended start of an attempt to the end of its answer, of all attempts that were accepted.
    pub accepted_latency: Latency,
    /// The same of all attempts.
    pub latency: Latency,
    /// Ledger and register compared.
    pub sums: Sums,
    /// What is promised, and whether it was kept: one that was not fails the run.
    pub promises: Vec<Promise>,
    /// What is aimed at on this class of machine: figures that the machine decides on too.
    pub goals: Vec<Goal>,
    /// The most memory that each process had (resident set), in bytes, by the process's name.
    pub peak_memory_bytes: BTreeMap<String, u64>,
    /// From the first arrival to the last answer, in seconds.
    pub answered_after_s: f64,
    /// From the first arrival until everything accepted was settled, in seconds.
    pub settled_after_s: f64,
}

/// What a run ran on.
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
    /// Attempts that were due in it.
    pub due: u32,
    /// Answers that came in it, by kind.
    pub answers: BTreeMap<AnswerKind, u32>,
    /// Of all attempts that were answered in it; nothing where none was.
    pub latency: Option<Latency>,
    /// Messages in the broker that are not acknowledged; one may hold many applications. Nothing where it did not say.
    pub backlog_messages: Option<u64>,
    /// Applications in the register since the run began. Nothing where it could not be asked.
    pub registered: Option<u64>,
    /// Applications in intake's spool. Nothing where there is none or it could not be asked.
    pub spooled: Option<u64>,
    /// What each process used, by its name: `intake`, `worker-1`, `status`, `postgres`, `rabbitmq`, `loadtests`.
    pub processes: BTreeMap<String, Usage>,
}

/// What a process and its children used in a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Cores: 1.0 is one core for the whole second.
    pub cores: f64,
    /// Resident set in bytes.
    pub memory_bytes: u64,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// `202`, for an application that had none before.
    Accepted,
    /// `202` again, for an application that was sent once more with the same key.
    AcceptedAgain,
    /// A `4xx` for what was invalid on purpose.
    Refused,
    /// `429`.
    TooMany,
    /// `503` with `Retry-After`.
    Unavailable,
    /// The connection ended without an answer, or there was none.
    Broken,
    /// No answer in time.
    TimedOut,
    /// An answer that the API does not promise.
    Wrong,
}

/// Times in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// How many.
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

/// What became of all that was accepted: `accepted = registered + dead_lettered + lost`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Different applications that were attempted.
    pub attempted: u64,
    /// Different applications that got a `202`.
    pub accepted: u64,
    /// Rows of the register that belong to them, whatever was decided.
    pub registered: u64,
    /// Put into the dead-letter queue.
    pub dead_lettered: u64,
    /// Accepted and nowhere.
    pub lost: u64,
    /// Registered more than once.
    pub twice: u64,
    /// Anything else that must not be: another id, another person's, a later time than the receipt's.
    pub other_findings: u64,
    /// Receipts whose signature was checked.
    pub receipts_checked: u64,
    /// Of those, how many were not good.
    pub receipts_bad: u64,
    /// Applications whose status was asked for, by their holder and by somebody else.
    pub statuses_checked: u64,
    /// Of those, how many the holder could not read, or somebody else could.
    pub statuses_bad: u64,
}

/// Something that was done to the system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Seconds from the first arrival.
    pub at_s: f64,
    /// What: `postgres stopped`.
    pub what: String,
}

/// Something that holds whatever the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// In a sentence.
    pub promise: String,
    /// Whether it held.
    pub kept: bool,
    /// Where it did not: how many cases of how many.
    pub detail: String,
}

/// A figure and what it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Of what, with its unit.
    pub name: String,
    /// What was measured.
    pub measured: f64,
    /// What it should be.
    pub goal: f64,
    /// Whether more is better; else it should be `goal` at most.
    pub at_least: bool,
}

impl Goal {
    /// Whether it was reached.
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
    /// Whether every promise was kept.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.promises.iter().all(|promise| promise.kept)
    }
}
