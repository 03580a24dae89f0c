//! What waits, what comes and what is settled.

use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::PerChannel;
use utoipa::ToSchema;

use crate::drain::Drain;
use crate::rate::Rate;

/// What waits, what comes and what is settled, all channels together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Applications that were accepted and are not settled.
    pub backlog: u64,
    /// Messages of each channel that are not acknowledged; `None` where the broker can't be read.
    pub messages: Option<PerChannel<u64>>,
    /// Applications that arrive, averaged over about a minute.
    pub arrivals: Rate,
    /// First instant at which every channel is closed, so that nothing arrives; `None` where that
    /// is not foreseen.
    pub arrivals_end: Option<Timestamp>,
    /// The newest measured drain, if there is one.
    pub drain: Option<Drain>,
    /// What is used up, so that a further worker would only slow the others down. The console
    /// measures transactions alone.
    pub saturation: Option<Saturation>,
}

/// What is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Saturation {
    /// Applications take at least twice as long in their transactions as before the last raise, and
    /// as many times as long as there are more workers.
    Transactions,
    /// The database's processors.
    Processors,
    /// The database's write-ahead log.
    WriteAheadLog,
}

impl Saturation {
    pub(crate) fn as_sentence(self) -> &'static str {
        match self {
            Self::Transactions => "Transactions take twice as long as before the last raise",
            Self::Processors => "The database's processors are used up",
            Self::WriteAheadLog => "The database's write-ahead log is used up",
        }
    }
}
