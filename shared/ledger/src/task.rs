//! Audits the ledger in a process: one of all processes at a time, each second.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sportello_domain::Statement;
use sportello_queue::{BrokerUri, StatementInbox, Totals, TotalsProbe};
use sportello_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::auditor::Auditor;
use crate::compare::QueueTotals;
use crate::read::{ChannelLedger, Ledger};

/// Interval between two rounds.
const EVERY: Duration = Duration::from_secs(1);
/// Most statements of one round.
const STATEMENTS: usize = 500;

/// Takes the publishers' statements, counts the broker's queues, and has both audited. Any number
/// of processes may run one: they take turns, by a lease in the database.
pub struct LedgerTask {
    auditor: Auditor,
    inbox: StatementInbox,
    totals: Option<TotalsProbe>,
    losses: Losses,
}

/// Whether losses are proved, as this process knows it.
#[derive(Debug, Clone, Default)]
pub struct Losses(Arc<AtomicBool>);

impl Losses {
    /// What a check says while there are some.
    pub const WORDS: &str =
        "confirmed applications are lost: the log names their messages; their holders have receipts";

    /// Returns whether this process audits, and losses are proved.
    #[must_use]
    pub fn are_proved(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl LedgerTask {
    /// Makes the task of a process; `name` is part of its connections' name at the broker. Without
    /// `totals` no loss can be proved.
    #[must_use]
    pub fn new(store: Store, broker: BrokerUri, name: &str, totals: Option<TotalsProbe>) -> Self {
        Self {
            auditor: Auditor::new(store),
            inbox: StatementInbox::new(broker, name),
            totals,
            losses: Losses::default(),
        }
    }

    /// Returns what a check reads.
    #[must_use]
    pub fn losses(&self) -> Losses {
        self.losses.clone()
    }

    /// Makes one round, unless another process is the auditor. Returns the ledger after it.
    ///
    /// # Errors
    /// [`StoreError`]: the round may be made again; nothing is lost.
    pub async fn step(&mut self) -> Result<Option<Ledger>, StoreError> {
        if !self.auditor.take_place(self.totals.is_some()).await? {
            self.losses.0.store(false, Ordering::Relaxed);
            self.inbox.close().await;
            return Ok(None);
        }
        let statements = self.statements().await;
        let asked_at = Instant::now();
        let totals = self.totals().await;
        let audited = self.auditor.round(&statements, totals.as_ref(), asked_at).await?;
        if let Err(error) = self.inbox.settle().await {
            tracing::debug!(%error, "statements to the ledger come again");
        }
        self.report(&audited.ledger);
        Ok(Some(audited.ledger))
    }

    /// Makes rounds until `stop` ends, and calls `failed` for each that fails.
    pub async fn run(mut self, stop: CancellationToken, failed: impl Fn() + Send) {
        let mut fails = false;
        loop {
            let error = self.step().await.err();
            if let Some(error) = &error {
                failed();
                if !fails {
                    tracing::warn!(%error, "the ledger can't be audited now, trying again each second");
                }
            }
            fails = error.is_some();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
        // before the next auditor comes: what it took and did not settle comes again
        self.inbox.close().await;
        if let Err(error) = self.auditor.leave_place().await {
            tracing::debug!(%error, "the auditor's place is free when its lease ends");
        }
    }

    /// Takes the statements that are there; none while the broker is away.
    async fn statements(&mut self) -> Vec<Statement> {
        let taken = self.inbox.take(STATEMENTS).await;
        taken.unwrap_or_else(|error| {
            tracing::debug!(%error, "statements to the ledger can't be read now");
            Vec::new()
        })
    }

    async fn totals(&self) -> Option<QueueTotals> {
        let read = self.totals.as_ref()?.read().await;
        let read =
            read.inspect_err(|error| tracing::debug!(%error, "the broker's queues can't be counted now"));
        read.ok().map(of_all_queues)
    }

    /// Logs losses when they are proved, by their names.
    fn report(&self, ledger: &Ledger) {
        let is_lost = |one: &ChannelLedger| one.lost_unnamed_messages > 0 || !one.gaps.is_empty();
        let lost = ledger.channels.iter().any(|(_, channel)| is_lost(channel));
        if !self.losses.0.swap(lost, Ordering::Relaxed) && lost {
            for (channel, gaps) in ledger.channels.iter() {
                let channel = channel.as_str();
                for gap in &gaps.gaps {
                    let (messages, applications) = (gap.messages, gap.applications);
                    tracing::error!(
                        channel, process = %gap.process, numbers = ?gap.numbers, messages, applications,
                        "confirmed messages are lost"
                    );
                }
                if gaps.lost_unnamed_messages > 0 {
                    let messages = gaps.lost_unnamed_messages;
                    tracing::error!(
                        channel,
                        messages,
                        "so many confirmed messages are lost; others hide which"
                    );
                }
            }
        }
    }
}

fn of_all_queues(totals: Totals) -> QueueTotals {
    QueueTotals {
        channels: totals.channels,
        others: totals.dead_letter + totals.unrouted,
        uptime: totals.uptime,
    }
}
