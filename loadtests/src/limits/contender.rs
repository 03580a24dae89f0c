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
    /// actix-web that parses the body and answers; no queue.
    Http,
    /// actix-web that puts each body into a quorum queue and awaits the confirm; nothing else.
    Naive,
    /// The shipped intake with all features; no worker runs.
    Intake,
    /// Consume, insert into a plain table, acknowledge; one application a message.
    BareWorker,
    /// The shipped worker with its default settings; one process.
    Worker,
}

impl Contender {
    /// All contenders; compared ones are next to each other.
    pub const ALL: [Self; 6] = [
        Self::Broker,
        Self::Http,
        Self::Naive,
        Self::Intake,
        Self::BareWorker,
        Self::Worker,
    ];
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Broker => "broker",
            Self::Http => "http",
            Self::Naive => "naive",
            Self::Intake => "intake",
            Self::BareWorker => "bare-worker",
            Self::Worker => "worker",
        })
    }
}
