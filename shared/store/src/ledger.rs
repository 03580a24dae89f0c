//! The ledger's tables: what workers settled, what publishers stated, and how both compare.

mod audit;
mod benefits;
mod process;
mod read;
mod record;
mod segments;
mod watermark;

use std::collections::BTreeMap;

use jiff::Timestamp;
use sportello_domain::{BenefitCounts, Channel, EdgeCounts, NumberSet, PerChannel, ProcessId};

pub use benefits::{BenefitSums, Benefits};
pub use read::{LedgerAudit, LedgerSecond, LedgerSums};
pub(crate) use record::insert_arrival;
pub use record::{LedgerArrival, SettledCounts};
pub use watermark::{Missing, SETTLED_WITHIN};

/// What is known of one process and channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerProcess {
    /// The start of the publisher.
    pub process: ProcessId,
    /// The channel.
    pub channel: Channel,
    /// All smaller numbers are decided.
    pub decided_below: u64,
    /// Confirmed messages, of those decided.
    pub confirmed_messages: u64,
    /// Their applications.
    pub confirmed_applications: u64,
    /// Decided and not confirmed.
    pub exceptions: NumberSet,
    /// What the process did beside its messages.
    pub edge: EdgeCounts,
    /// What it answered with `202`, by benefit.
    pub benefits: BenefitCounts,
    /// When its newest statement was made, by its clock; `None` before the first.
    pub stated_at: Option<Timestamp>,
    /// When its last statement was read, or its first message settled, by the database's clock.
    pub heard_at: Timestamp,
    /// Whether it made its last statement.
    pub is_final: bool,
    /// Whether an operator closed its tail.
    pub is_closed: bool,
    /// Settled by workers.
    pub arrived: NumberSet,
    /// The youngest confirm among them.
    pub arrived_until: Option<Timestamp>,
    /// Applications that arrived in a message without a known confirm.
    pub unconfirmed_applications: u64,
    /// Arrived and not decided yet, with the applications of each.
    pub ahead: BTreeMap<u64, u32>,
    /// Missing though much younger ones arrived, and since when.
    pub suspect: NumberSet,
    /// When the first of them was noticed.
    pub suspect_since: Option<Timestamp>,
    /// Proved to be lost.
    pub lost: NumberSet,
    /// How many messages are lost.
    pub lost_messages: u64,
    /// How many applications are lost.
    pub lost_applications: u64,
    /// When the first loss was proved.
    pub lost_since: Option<Timestamp>,
    /// Confirmed messages that have not all arrived, in order.
    pub segments: Vec<LedgerSegment>,
}

impl LedgerProcess {
    /// Makes the record of a process that is heard of at this instant.
    #[must_use]
    pub fn new(process: ProcessId, channel: Channel, heard_at: Timestamp) -> Self {
        Self {
            process,
            channel,
            decided_below: 0,
            confirmed_messages: 0,
            confirmed_applications: 0,
            exceptions: NumberSet::default(),
            edge: EdgeCounts::default(),
            benefits: BenefitCounts::default(),
            stated_at: None,
            heard_at,
            is_final: false,
            is_closed: false,
            arrived: NumberSet::default(),
            arrived_until: None,
            unconfirmed_applications: 0,
            ahead: BTreeMap::new(),
            suspect: NumberSet::default(),
            suspect_since: None,
            lost: NumberSet::default(),
            lost_messages: 0,
            lost_applications: 0,
            lost_since: None,
            segments: Vec::new(),
        }
    }

    /// Returns whether the process has ended and nothing of it is open.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let has_ended = self.is_final || self.is_closed;
        has_ended && self.segments.is_empty() && self.ahead.is_empty() && self.lost.is_empty()
    }
}

/// The messages decided between two statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerSegment {
    /// The first number.
    pub first: u64,
    /// The number after the last.
    pub below: u64,
    /// Confirmed messages.
    pub confirmed_messages: u64,
    /// Their applications.
    pub confirmed_applications: u64,
    /// Those of them that arrived.
    pub arrived_messages: u64,
    /// The applications of those.
    pub arrived_applications: u64,
    /// The statement before, by the process's clock.
    pub since: Timestamp,
    /// The statement.
    pub until: Timestamp,
}

/// The sums of a channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerChannel {
    /// Settled by workers, each delivery counted.
    pub settled: SettledCounts,
    /// Of messages that were settled before.
    pub repeated: u64,
    /// In messages without a number.
    pub unnumbered: u64,
    /// Messages in the channel's queue, at the broker's last reading.
    pub queue_messages: Option<u64>,
    /// Lost messages whose names are not known yet.
    pub lost_unnamed: u64,
}

/// What the auditor works on, in one transaction.
#[derive(Debug)]
pub struct LedgerState {
    /// The database's time.
    pub now: Timestamp,
    /// Every process that is not settled, or that an arrival or a statement names.
    pub processes: BTreeMap<(ProcessId, Channel), LedgerProcess>,
    /// The sums.
    pub channels: PerChannel<LedgerChannel>,
    /// The sums of each benefit.
    pub benefits: Benefits,
    /// What workers settled since the last round.
    pub arrivals: Vec<LedgerArrival>,
    /// Since when both sides are compared with the broker's queues; to be set by the auditor.
    pub compared_since: Option<Timestamp>,
    /// Since when no dead letter is on its way to its table: the queues of dead letters and of
    /// unrouted messages are empty, and workers recorded no new one; to be set by the auditor.
    pub letters_kept_since: Option<Timestamp>,
}
