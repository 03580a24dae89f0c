//! Reads the ledger for operators.

use jiff::Timestamp;
use sportello_domain::{Channel, PerChannel, ProcessId};

use super::record::{SettledCounts, number};
use super::{LedgerChannel, LedgerProcess, process};
use crate::connection::{Store, within_deadline};
use crate::counts::Count;
use crate::error::{StoreError, stored};
use crate::instants::{from_database, to_database};

/// One second of one channel. Numbers of applications since the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerSecond {
    /// When, by the database's clock.
    pub at: Timestamp,
    /// Answered with `202`.
    pub answered: u64,
    /// Confirmed by the broker.
    pub confirmed: u64,
    /// Settled by workers: registered, on the register already, withdrawn or dead-lettered.
    pub settled: u64,
    /// The backlog at this instant.
    pub outstanding: u64,
    /// In spools at this instant.
    pub spooled: u64,
    /// Proved to be lost at this instant.
    pub lost: u64,
    /// When the oldest of the backlog was confirmed, at the earliest.
    pub oldest_waiting_since: Option<Timestamp>,
}

/// The sums of a channel over all processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerSums {
    /// What workers settled.
    pub channel: LedgerChannel,
    /// Answered with `202`.
    pub answered: u64,
    /// Confirmed by the broker.
    pub confirmed: u64,
    /// In spools now.
    pub spooled: u64,
    /// Arrived without a known confirm.
    pub unconfirmed: u64,
    /// Proved to be lost.
    pub lost: u64,
    /// Dead letters that are open.
    pub dead_open: u64,
    /// Dead letters on their way to be processed again.
    pub requeued: u64,
    /// Dead letters that were discarded.
    pub discarded: u64,
}

/// The last round of the auditor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerAudit {
    /// When, by the database's clock.
    pub audited_at: Option<Timestamp>,
    /// Since when both sides are compared with the broker's queues.
    pub compared_since: Option<Timestamp>,
    /// By how many the counters of outcomes differed from the register when it was last counted.
    pub miscounted: Option<u64>,
    /// The database's time.
    pub now: Timestamp,
}

impl Store {
    /// Reads the sums of each channel.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn ledger_sums(&self) -> Result<PerChannel<LedgerSums>, StoreError> {
        let rows = within_deadline(async {
            let rows = sqlx::query!(
                r#"
                select
                    c.*, p.answered as "answered!", p.confirmed as "confirmed!", p.spooled as "spooled!",
                    p.unconfirmed as "unconfirmed!", p.lost as "lost!", coalesce(d.open, 0) as "dead_open!",
                    coalesce(d.requeued, 0) as "requeued!", coalesce(d.discarded, 0) as "discarded!"
                from ledger_channels as c
                cross join lateral (
                    select
                        coalesce(sum(answered), 0)::bigint as answered,
                        coalesce(sum(confirmed_applications), 0)::bigint as confirmed,
                        coalesce(sum(spool_held), 0)::bigint as spooled,
                        coalesce(sum(
                            unconfirmed_applications
                            + coalesce((select sum(size) from unnest(ahead_sizes) as size), 0)
                        ), 0)::bigint as unconfirmed,
                        coalesce(sum(lost_applications), 0)::bigint as lost
                    from ledger_processes where channel = c.channel
                ) as p
                left join dead_letter_sums as d using (channel)
                "#
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        let mut sums = PerChannel::default();
        for row in rows {
            let channel: Channel = stored(row.channel.parse(), "a channel")?;
            sums[channel] = LedgerSums {
                channel: LedgerChannel {
                    settled: SettledCounts {
                        new: number(row.new),
                        existing: number(row.existing),
                        withdrawals: number(row.withdrawals),
                        dead: number(row.dead),
                    },
                    repeated: number(row.repeated),
                    unnumbered: number(row.unnumbered),
                    queue_messages: row.queue_messages.map(number),
                    lost_unnamed: number(row.lost_unnamed),
                },
                answered: number(row.answered),
                confirmed: number(row.confirmed),
                spooled: number(row.spooled),
                unconfirmed: number(row.unconfirmed),
                lost: number(row.lost),
                dead_open: number(row.dead_open),
                requeued: number(row.requeued),
                discarded: number(row.discarded),
            };
        }
        Ok(sums)
    }

    /// Reads every process of which something is open.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn ledger_processes(&self) -> Result<Vec<LedgerProcess>, StoreError> {
        within_deadline(async {
            let processes = process::load(&mut *self.connection().await?, &[]).await?;
            Ok(processes.into_values().collect())
        })
        .await
    }

    /// Reads when the auditor made its last round.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn ledger_audit(&self) -> Result<LedgerAudit, StoreError> {
        let row = within_deadline(async {
            let row = sqlx::query!(
                r#"
                select
                    audited_at, compared_since, clock_timestamp() as "now!",
                    (select miscounted from outcome_recounts order by at desc limit 1) as "miscounted?"
                from ledger_audit
                "#
            );
            Ok(row.fetch_one(&mut *self.connection().await?).await?)
        })
        .await?;
        Ok(LedgerAudit {
            audited_at: row.audited_at.map(from_database).transpose()?,
            compared_since: row.compared_since.map(from_database).transpose()?,
            miscounted: row.miscounted.map(number),
            now: from_database(row.now)?,
        })
    }

    /// Reads the seconds of a channel after `since`, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn ledger_seconds(
        &self,
        channel: Channel,
        since: Timestamp,
    ) -> Result<Vec<LedgerSecond>, StoreError> {
        let since = to_database(since)?;
        let rows = within_deadline(async {
            let rows = sqlx::query!(
                "select * from ledger_seconds where channel = $1 and at > $2 order by at",
                channel.as_str(),
                since,
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        let seconds = rows.into_iter().map(|row| {
            Ok(LedgerSecond {
                at: from_database(row.at)?,
                answered: number(row.answered),
                confirmed: number(row.confirmed),
                settled: number(row.settled),
                outstanding: number(row.outstanding),
                spooled: number(row.spooled),
                lost: number(row.lost),
                oldest_waiting_since: row.oldest_waiting_since.map(from_database).transpose()?,
            })
        });
        seconds.collect()
    }

    /// Reads how many applications there are by benefit, channel and outcome: what
    /// [`Store::counts`] counts, from the counters.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn outcome_counts(&self) -> Result<Vec<Count>, StoreError> {
        let rows = within_deadline(async {
            let rows = sqlx::query!(
                r#"
                select
                    benefit as "benefit!", channel as "channel!", outcome as "outcome!",
                    sum(applications)::bigint as "applications!"
                from (
                    select benefit, channel, outcome, applications from outcome_counts
                    union all select benefit, channel, outcome, applications from outcome_movements
                    union all select benefit, channel, 'conflict', applications from conflict_counts
                    union all select benefit, channel, outcome, applications from purged_applications
                ) as counted
                group by benefit, channel, outcome having sum(applications) <> 0
                order by benefit, channel, outcome
                "#
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        let counts = rows.into_iter().map(|row| {
            Ok(Count {
                benefit: stored(row.benefit.parse(), "a benefit")?,
                channel: stored(row.channel.parse(), "a channel")?,
                outcome: stored(row.outcome.parse(), "an outcome")?,
                applications: stored(u64::try_from(row.applications), "a negative count")?,
            })
        });
        counts.collect()
    }

    /// Closes the tail of a process that ended without a last statement. Returns whether it was
    /// open.
    ///
    /// # Errors
    /// [`StoreError::Fail`] for a reason that is not of 10 to 200 characters, [`StoreError::Retry`]
    /// while the database is away.
    pub async fn close_ledger_tail(
        &self,
        process: ProcessId,
        channel: Channel,
        by: &str,
        reason: &str,
    ) -> Result<bool, StoreError> {
        within_deadline(async {
            let closed = sqlx::query!(
                "
                update ledger_processes set closed_at = now(), closed_by = $3, closed_reason = $4
                where process = $1 and channel = $2 and closed_at is null and not final
                ",
                process.to_bits(),
                channel.as_str(),
                by,
                reason,
            );
            let closed = closed.execute(&mut *self.connection().await?).await?;
            Ok(closed.rows_affected() == 1)
        })
        .await
    }

    /// Returns how many receipts were found whose application is nowhere.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn proven_missing(&self) -> Result<u64, StoreError> {
        within_deadline(async {
            let rows = sqlx::query_scalar!(r#"select count(*) as "count!" from proven_missing"#);
            Ok(number(rows.fetch_one(&mut *self.connection().await?).await?))
        })
        .await
    }
}
