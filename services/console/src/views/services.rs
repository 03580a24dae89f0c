//! The processes and the broker's nodes.

use serde::Serialize;
use utoipa::ToSchema;

use super::reading::Reading;

/// A process that the console asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Service {
    /// `intake`, `worker`, `status`, `portal` or `console`.
    #[schema(max_length = 64, pattern = "^[a-z]+$", example = "intake")]
    pub service: &'static str,
    /// Its internal address, as the console's settings name it.
    #[schema(max_length = 200, pattern = "^.+$", example = "10.0.0.7:9080")]
    pub address: String,
    /// Its health.
    pub health: Reading<Health>,
    /// Its checks that do not pass.
    #[schema(max_items = 20)]
    pub checks: Vec<FailedCheck>,
    /// Its version.
    pub version: Reading<String>,
    /// Version of the catalogue that it uses; absent where it uses none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<Reading<String>>,
}

/// Health, as `/status` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ServiceHealth)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// All is well.
    Pass,
    /// It works, and an operator must act.
    Warn,
    /// Something that it needs is missing.
    Fail,
}

/// A check that does not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailedCheck {
    /// The check's name.
    #[schema(max_length = 64, pattern = "^[a-z_]+$", example = "database")]
    pub name: String,
    /// `warn` or `fail`.
    pub health: Health,
    /// What is wrong.
    #[schema(max_length = 200, pattern = "^.+$")]
    pub output: String,
}

/// A node of the broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Node {
    /// Its address, as the console's settings name it.
    #[schema(max_length = 200, pattern = "^.+$", example = "10.0.0.9:15692")]
    pub address: String,
    /// The queues whose leader it is.
    pub queues: Reading<Vec<Queue>>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Queue {
    /// Its name.
    #[schema(max_length = 255, pattern = "^.+$", example = "applications.citizen")]
    pub queue: String,
    /// All its messages: ready, in a worker's hand, or on their way to the dead letters.
    pub messages: u64,
    /// Its consumers.
    pub consumers: u64,
}

/// Every process and every node: the answer of `GET /v1/services`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Services {
    /// Every process that the console asks.
    #[schema(max_items = 1000)]
    pub services: Vec<Service>,
    /// Every node of the broker.
    #[schema(max_items = 100)]
    pub nodes: Vec<Node>,
}
