//! The contenders.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A contender: a program that takes applications as fast as it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Contender {
    /// The broker alone: one application a message, confirmed, 256 in flight.
    Broker,
    /// The same with 16 applications a message.
    BrokerPacked,
    /// actix-web that parses the body and answers; no queue.
    Http,
    /// actix-web that puts each body into a quorum queue and awaits the confirm; nothing else.
    Naive,
    /// The shipped intake with all features; no worker runs.
    Intake,
    /// PostgreSQL alone: 500 rows at once into a plain table, on one connection.
    Database,
    /// Consume, insert into a plain table, acknowledge; one application a message, one lane.
    BareWorker,
    /// The same with two lanes.
    BareWorkerTwo,
    /// The bare worker with 32 applications a message, as the shipped one gets them; one lane.
    BareWorkerPacked,
    /// The same with two lanes.
    BareWorkerPackedTwo,
    /// The shipped worker with its default settings; one process.
    Worker,
}

impl Contender {
    /// All contenders; compared ones are next to each other.
    pub const ALL: [Self; 11] = [
        Self::Broker,
        Self::BrokerPacked,
        Self::Http,
        Self::Naive,
        Self::Intake,
        Self::Database,
        Self::BareWorker,
        Self::BareWorkerTwo,
        Self::BareWorkerPacked,
        Self::BareWorkerPackedTwo,
        Self::Worker,
    ];
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Broker => "broker",
            Self::BrokerPacked => "broker-packed",
            Self::Http => "http",
            Self::Naive => "naive",
            Self::Intake => "intake",
            Self::Database => "database",
            Self::BareWorker => "bare-worker",
            Self::BareWorkerTwo => "bare-worker-two",
            Self::BareWorkerPacked => "bare-worker-packed",
            Self::BareWorkerPackedTwo => "bare-worker-packed-two",
            Self::Worker => "worker",
        })
    }
}
