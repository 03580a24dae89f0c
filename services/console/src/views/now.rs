//! The system in one second.

use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::Channel;
use sportello_scaling::TimeToDrain;
use utoipa::ToSchema;

use super::ledger::Ledger;
use super::reading::Reading;
use super::services::{Node, Service};
use super::workers::WorkersNow;

/// The system in one second: the answer of `GET /v1/now`, and the data of each event of
/// `GET /v1/live`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Now {
    /// Number of the sample, which is also the event's `id`. Rises while a console runs.
    pub sample: u64,
    /// Instant of the sample.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The proof that nothing is lost.
    pub ledger: Ledger,
    /// Both channels.
    #[schema(max_items = 2)]
    pub channels: Vec<ChannelNow>,
    /// Each benefit of the catalogue.
    #[schema(max_items = 100)]
    pub benefits: Vec<BenefitNow>,
    /// How long until nothing waits.
    pub time_to_drain: TimeToDrain,
    /// The workers.
    pub workers: WorkersNow,
    /// Refused requests at intake, by reason. Reasons of which there was none are absent.
    pub rejections: Reading<Vec<Rejection>>,
    /// Duration of requests, in the last ten seconds.
    #[schema(max_items = 10)]
    pub latencies: Vec<Latency>,
    /// Open dead letters.
    pub dead_letters: Reading<u64>,
    /// Every process that the console asks.
    #[schema(max_items = 1000)]
    pub services: Vec<Service>,
    /// Every node of the broker.
    #[schema(max_items = 100)]
    pub nodes: Vec<Node>,
}

/// A channel, in applications.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChannelNow {
    /// The channel.
    pub channel: Channel,
    /// Applications a second that intake tried to publish, in the last ten seconds.
    pub arrivals_per_second: Reading<f64>,
    /// Applications a second that the broker confirmed.
    pub confirms_per_second: Reading<f64>,
    /// Applications a second that workers settled.
    pub settled_per_second: Reading<f64>,
    /// The backlog: accepted, and not settled yet.
    pub outstanding: Reading<u64>,
    /// Age of the oldest of the backlog, in seconds; 0 without a backlog.
    pub oldest_age_seconds: Reading<f64>,
}

/// A benefit.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BenefitNow {
    /// The benefit's id.
    #[schema(
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    pub benefit: String,
    /// Its title in Italian.
    #[schema(max_length = 200, pattern = "^.+$")]
    pub title: String,
    /// Applications a second that intake judged good, in the last ten seconds.
    pub arrivals_per_second: Reading<f64>,
    /// How many were accepted and are not settled yet; it may be off by a few until nothing waits.
    pub outstanding: Reading<u64>,
    /// How many are on the register, by outcome.
    pub outcomes: Reading<Vec<OutcomeCount>>,
    /// Its budgets; empty without any.
    pub budgets: Reading<Vec<BudgetUse>>,
}

/// How many applications have an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutcomeCount {
    /// The outcome.
    #[schema(max_length = 64, pattern = "^[a-z_]+$", example = "registered")]
    pub outcome: &'static str,
    /// How many applications.
    pub applications: u64,
}

/// A budget's use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BudgetUse {
    /// The budget's name: of the benefit, or `benefit/category`.
    #[schema(max_length = 129, pattern = "^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?$")]
    pub budget: String,
    /// What there is, in cents; absent before the first allotment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap_cents: Option<i64>,
    /// What applications within it take, in cents.
    pub within_cents: i64,
    /// What applications past it would take, in cents.
    pub past_cents: i64,
}

/// Refused requests.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Rejection {
    /// Name of the problem.
    #[schema(max_length = 64, pattern = "^[a-z-]+$", example = "invalid-application")]
    pub reason: String,
    /// Requests a second, in the last ten seconds.
    pub per_second: f64,
    /// Requests since the processes started.
    pub total: u64,
}

/// Duration of requests from the head to the answer's head, in the last ten seconds.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Latency {
    /// What is measured: `submit` (intake), `confirm` (broker), `status` (status),
    /// `registration` (from receipt to registration).
    #[schema(max_length = 64, pattern = "^[a-z_]+$", example = "submit")]
    pub what: &'static str,
    /// Seconds within which half of them ended; unknown without any.
    pub p50_seconds: Reading<f64>,
    /// Seconds within which 99 of 100 ended; unknown without any.
    pub p99_seconds: Reading<f64>,
}
