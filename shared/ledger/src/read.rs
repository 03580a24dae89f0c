//! What operators see: the sums of each channel, rates, gaps.
//!
//! Every number counts applications, with their withdrawals, unless its name says messages.

use jiff::{SignedDuration, Timestamp};
use sportello_domain::{BenefitCounts, Channel, NumberSet, PerChannel, ProcessId};
use sportello_store::{Count, LedgerProcess, LedgerSums, Store, StoreError};

pub use sportello_store::LedgerSecond as Second;

use crate::{backlog, fold};

const TEN_SECONDS: SignedDuration = SignedDuration::from_secs(10);
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// The ledger at the auditor's last round.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// The last round, by the database's clock; `None` where there was none. Older than a few
    /// seconds: nobody audits, and all numbers are of that time.
    pub audited_at: Option<Timestamp>,
    /// Since when confirmed and settled are compared with the broker's queues; `None` while the
    /// broker's totals can't be read, or it has just started: no loss can be proved then.
    pub compared_since: Option<Timestamp>,
    /// By how many the counters of outcomes differed from the register when it was last counted;
    /// `None` before the first time.
    pub miscounted: Option<u64>,
    /// Applications of each benefit that were accepted and that no worker has settled, those on
    /// intakes' disks included; it may be off by a few until nothing waits.
    pub benefits: BenefitCounts,
    /// Each channel.
    pub channels: PerChannel<ChannelLedger>,
}

/// The sums of one channel. They always fulfil
/// `confirmed + unconfirmed + unnumbered + repeated = new + existing + withdrawals + dead +
/// outstanding + lost`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChannelLedger {
    /// Answered with `202`.
    pub answered: u64,
    /// Confirmed by the broker.
    pub confirmed: u64,
    /// Kept by intakes' spools now, and not sent to the broker yet.
    pub spooled: u64,
    /// Arrived although no confirm is known, or none is stated yet.
    pub unconfirmed: u64,
    /// Arrived in messages without a number: of an intake of the version before, or put there by
    /// hand.
    pub unnumbered: u64,
    /// Of messages that were delivered again after they had been settled.
    pub repeated: u64,
    /// Registered.
    pub new: u64,
    /// On the register already: a retry, or another content under the same key.
    pub existing: u64,
    /// Withdrawals that were processed.
    pub withdrawals: u64,
    /// Dead-lettered by workers, whatever became of the letters since.
    pub dead: u64,
    /// Dead letters that are open.
    pub dead_open: u64,
    /// Dead letters that an operator discarded.
    pub discarded: u64,
    /// Dead letters that are asked to be sent again, or are on their way.
    pub requeued: u64,
    /// Confirmed and not settled: the backlog.
    pub outstanding: u64,
    /// Confirmed, and proved to be lost: those of `gaps`.
    pub lost: u64,
    /// When the oldest of the backlog was confirmed, to a second, by intake's clock.
    pub oldest_waiting_since: Option<Timestamp>,
    /// Messages in the channel's queue, on their way to a worker or to the dead letters, at the
    /// broker's last reading.
    pub queue_messages: Option<u64>,
    /// Answered with `202`, each second.
    pub arrival_rate: Rate,
    /// Confirmed by the broker, each second.
    pub confirm_rate: Rate,
    /// Settled by workers, each second.
    pub settle_rate: Rate,
    /// Proved losses, by name.
    pub gaps: Vec<Gap>,
    /// Messages that are proved to be lost, while so many others wait that their names are not
    /// known yet.
    pub lost_unnamed_messages: u64,
    /// Numbers that are late, and not proved to be lost.
    pub suspects: Vec<Suspect>,
    /// Processes that ended without a last statement.
    pub open_tails: Vec<OpenTail>,
}

/// Applications a second; `None` without rows of that time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rate {
    /// Mean of the last 10 seconds.
    pub last_10_s: Option<f64>,
    /// Mean of the last minute.
    pub last_minute: Option<f64>,
}

/// First and last of a range of messages' numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Numbers {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// Messages of a process that are proved to be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The start of the publisher that sent them.
    pub process: ProcessId,
    /// Their numbers.
    pub numbers: Vec<Numbers>,
    /// How many messages.
    pub messages: u64,
    /// How many applications were in them.
    pub applications: u64,
    /// When it was proved.
    pub since: Timestamp,
}

/// Messages of a process that are missing although later ones arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// The start of the publisher that sent them.
    pub process: ProcessId,
    /// Their numbers.
    pub numbers: Vec<Numbers>,
    /// How many messages.
    pub messages: u64,
    /// When it was noticed.
    pub since: Timestamp,
}

/// A process that ended without a last statement: what it sent in its last second is not stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTail {
    /// The start of the publisher.
    pub process: ProcessId,
    /// The first number that no statement decides.
    pub from: u64,
    /// When it was last heard of, by the database's clock.
    pub heard_at: Timestamp,
}

/// Reads the ledger of all channels.
///
/// # Errors
/// [`StoreError::Retry`] while the database is away.
pub async fn ledger(store: &Store) -> Result<Ledger, StoreError> {
    let audit = store.ledger_audit().await?;
    let sums = store.ledger_sums().await?;
    let mut ledger = Ledger {
        audited_at: audit.audited_at,
        compared_since: audit.compared_since,
        miscounted: audit.miscounted,
        benefits: backlog::waiting(&store.ledger_benefits().await?),
        channels: PerChannel::from_fn(|channel| ChannelLedger::of(&sums[channel])),
    };
    for process in store.ledger_processes().await? {
        ledger.channels[process.channel].add(&process, audit.now);
    }
    for channel in Channel::ALL {
        let minute = store.ledger_seconds(channel, audit.now - MINUTE).await?;
        let rates = |of: fn(&Second) -> u64| Rate {
            last_10_s: rate(&minute, audit.now - TEN_SECONDS, of),
            last_minute: rate(&minute, audit.now - MINUTE, of),
        };
        let channel = &mut ledger.channels[channel];
        channel.arrival_rate = rates(|second| second.answered);
        channel.confirm_rate = rates(|second| second.confirmed);
        channel.settle_rate = rates(|second| second.settled);
    }
    Ok(ledger)
}

impl ChannelLedger {
    fn of(sums: &LedgerSums) -> Self {
        let settled = sums.channel.settled;
        Self {
            answered: sums.answered,
            confirmed: sums.confirmed,
            spooled: sums.spooled,
            unconfirmed: sums.unconfirmed,
            unnumbered: sums.channel.unnumbered,
            repeated: sums.channel.repeated,
            new: settled.new,
            existing: settled.existing,
            withdrawals: settled.withdrawals,
            dead: settled.dead,
            dead_open: sums.dead_open,
            discarded: sums.discarded,
            requeued: sums.requeued,
            lost: sums.lost,
            queue_messages: sums.channel.queue_messages,
            lost_unnamed_messages: sums.channel.lost_unnamed,
            ..Self::default()
        }
    }

    /// Adds what is open of a process.
    fn add(&mut self, one: &LedgerProcess, now: Timestamp) {
        self.outstanding += fold::outstanding(one);
        let since = one.segments.first().map(|segment| segment.since);
        self.oldest_waiting_since = self.oldest_waiting_since.into_iter().chain(since).min();
        if let Some(since) = one.lost_since.filter(|_| one.lost_messages > 0) {
            self.gaps.push(Gap {
                process: one.process,
                numbers: numbers(&one.lost),
                messages: one.lost_messages,
                applications: one.lost_applications,
                since,
            });
        }
        if let Some(since) = one.suspect_since {
            self.suspects.push(Suspect {
                process: one.process,
                numbers: numbers(&one.suspect),
                messages: one.suspect.count(),
                since,
            });
        }
        if fold::is_tail_open(one, now) {
            self.open_tails.push(OpenTail {
                process: one.process,
                from: one.decided_below,
                heard_at: one.heard_at,
            });
        }
    }

    /// Returns whether the sums agree. They may differ for a moment while a round is written.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let came = self.confirmed + self.unconfirmed + self.unnumbered + self.repeated;
        let went = self.new + self.existing + self.withdrawals + self.dead;
        came == went + self.outstanding + self.lost
    }
}

fn numbers(set: &NumberSet) -> Vec<Numbers> {
    let last = |end: u64| end.saturating_sub(1);
    set.ranges()
        .map(|range| Numbers {
            first: range.start,
            last: last(range.end),
        })
        .collect()
}

/// Returns the mean growth each second, since this instant.
fn rate(seconds: &[Second], since: Timestamp, of: fn(&Second) -> u64) -> Option<f64> {
    let (first, last) = (seconds.iter().find(|second| second.at >= since)?, seconds.last()?);
    let duration = last.at.duration_since(first.at).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
    let growth = of(last).saturating_sub(of(first)) as f64;
    (duration > 0.0).then(|| growth / duration)
}

/// Reads the seconds of a channel after `since`, oldest first; two days are kept.
///
/// # Errors
/// [`StoreError::Retry`] while the database is away.
pub async fn seconds(store: &Store, channel: Channel, since: Timestamp) -> Result<Vec<Second>, StoreError> {
    store.ledger_seconds(channel, since).await
}

/// Reads how many applications are on the register by benefit, channel and outcome, conflicts and
/// purged ones included: from counters, never from the applications.
///
/// # Errors
/// [`StoreError::Retry`] while the database is away.
pub async fn outcomes(store: &Store) -> Result<Vec<Count>, StoreError> {
    store.outcome_counts().await
}

/// Closes the tail of a process that ended without a last statement, on an operator's word.
/// Returns whether it was open.
///
/// # Errors
/// [`StoreError::Retry`] while the database is away; [`StoreError::Fail`] for a reason that is not
/// of 10 to 200 characters.
pub async fn close_tail(
    store: &Store,
    process: ProcessId,
    channel: Channel,
    by: &str,
    reason: &str,
) -> Result<bool, StoreError> {
    store.close_ledger_tail(process, channel, by, reason).await
}
