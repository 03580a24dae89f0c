//! One round of the auditor: takes what workers recorded, and writes what follows from it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use sportello_domain::{Channel, PerChannel, ProcessId};
use sqlx::{Connection as _, PgConnection};

use super::record::{SettledCounts, count, number, take_arrivals};
use super::{LedgerChannel, LedgerProcess, LedgerState, benefits, process, segments};
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::instants::{from_database, to_database};

impl Store {
    /// Takes or keeps the auditor's place for `lease` from now. Returns whether it is the caller's;
    /// another's place is free once its lease has ended, or where the caller is `counting` the
    /// broker's queues and the other does not.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn take_auditors_place(
        &self,
        auditor: ProcessId,
        lease: Duration,
        counting: bool,
    ) -> Result<bool, StoreError> {
        within_deadline(async {
            let taken = sqlx::query!(
                "
                update ledger_audit set auditor = $1, until = now() + make_interval(secs => $2), counting = $3
                where auditor = $1 or until is null or until < now() or ($3 and not counting)
                ",
                auditor.to_bits(),
                lease.as_secs_f64(),
                counting,
            );
            let taken = taken.execute(&mut *self.connection().await?).await?;
            Ok(taken.rows_affected() == 1)
        })
        .await
    }

    /// Gives the auditor's place back, where the caller has it. Another need not wait for the end
    /// of its lease then.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn leave_auditors_place(&self, auditor: ProcessId) -> Result<(), StoreError> {
        within_deadline(async {
            let left = sqlx::query!(
                "update ledger_audit set until = null where auditor = $1",
                auditor.to_bits(),
            );
            left.execute(&mut *self.connection().await?).await?;
            Ok(())
        })
        .await
    }

    /// Makes one round: `fold` works on everything that is open, on the processes that are `named`,
    /// and on what workers recorded since the last round, which is taken. Then writes what changed,
    /// and a row for this second. Rounds of several callers follow each other. `fold` may be called
    /// in vain: where this fails, nothing is stored.
    ///
    /// # Errors
    /// [`StoreError`]: the round may be made again.
    pub async fn audit<T>(
        &self,
        named: &[(ProcessId, Channel)],
        fold: impl FnOnce(&mut LedgerState) -> T,
    ) -> Result<T, StoreError> {
        within_deadline(async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            let result = audit(&mut transaction, named, fold).await?;
            transaction.commit().await?;
            Ok(result)
        })
        .await
    }
}

async fn audit<T>(
    transaction: &mut PgConnection,
    named: &[(ProcessId, Channel)],
    fold: impl FnOnce(&mut LedgerState) -> T,
) -> Result<T, StoreError> {
    sqlx::query!(r#"select pg_advisory_xact_lock(hashtext('ledger')) as "locked!: ()""#)
        .fetch_one(&mut *transaction)
        .await?;
    let arrivals = take_arrivals(transaction).await?;
    let mut all = LedgerState::named(&arrivals);
    all.extend_from_slice(named);
    let before = process::load(transaction, &all).await?;
    let benefits_before = benefits::load(transaction).await?;
    let mut state = LedgerState {
        now: now(transaction).await?,
        processes: before.clone(),
        channels: load_channels(transaction).await?,
        benefits: benefits_before.clone(),
        arrivals,
        compared_since: None,
        letters_kept_since: letters_kept_since(transaction).await?,
    };
    let channels = state.channels;
    let result = fold(&mut state);
    write_processes(transaction, &before, &state).await?;
    benefits::write(transaction, &benefits_before, &state.benefits).await?;
    for (channel, sums) in state.channels.iter() {
        if *sums != channels[channel] {
            write_channel(transaction, channel, sums).await?;
        }
    }
    count_outcomes(transaction).await?;
    write_second(transaction, &state).await?;
    Ok(result)
}

async fn now(connection: &mut PgConnection) -> Result<Timestamp, StoreError> {
    let now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#);
    from_database(now.fetch_one(connection).await?)
}

async fn letters_kept_since(connection: &mut PgConnection) -> Result<Option<Timestamp>, StoreError> {
    let since = sqlx::query_scalar!("select letters_kept_since from ledger_audit");
    since.fetch_one(connection).await?.map(from_database).transpose()
}

async fn load_channels(connection: &mut PgConnection) -> Result<PerChannel<LedgerChannel>, StoreError> {
    let mut channels = PerChannel::default();
    let rows = sqlx::query!("select * from ledger_channels");
    for row in rows.fetch_all(connection).await? {
        let channel: Channel = stored(row.channel.parse(), "a channel")?;
        channels[channel] = LedgerChannel {
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
        };
    }
    Ok(channels)
}

async fn write_processes(
    connection: &mut PgConnection,
    before: &BTreeMap<(ProcessId, Channel), LedgerProcess>,
    state: &LedgerState,
) -> Result<(), StoreError> {
    for (key, after) in &state.processes {
        let old = before.get(key);
        let differs = |old: &LedgerProcess| {
            let segments = after.segments.clone();
            LedgerProcess {
                segments,
                ..old.clone()
            } != *after
        };
        if old.is_none_or(differs) {
            process::write(connection, after).await?;
        }
        let old = old.map(|old| old.segments.as_slice()).unwrap_or_default();
        segments::write(connection, old, after).await?;
    }
    Ok(())
}

async fn write_channel(
    connection: &mut PgConnection,
    channel: Channel,
    sums: &LedgerChannel,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update ledger_channels set
            new = $2, existing = $3, withdrawals = $4, dead = $5, repeated = $6, unnumbered = $7,
            queue_messages = $8, lost_unnamed = $9
        where channel = $1
        ",
        channel.as_str(),
        count(sums.settled.new),
        count(sums.settled.existing),
        count(sums.settled.withdrawals),
        count(sums.settled.dead),
        count(sums.repeated),
        count(sums.unnumbered),
        sums.queue_messages.map(count),
        count(sums.lost_unnamed),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds up the changes of outcomes.
async fn count_outcomes(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!(
        "
        with taken as (delete from outcome_movements returning benefit, channel, outcome, applications)
        insert into outcome_counts (benefit, channel, outcome, applications)
        select benefit, channel, outcome, sum(applications) from taken group by benefit, channel, outcome
        on conflict (benefit, channel, outcome)
            do update set applications = outcome_counts.applications + excluded.applications
        "
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the row of this second, from what has just been written, and forgets those of two days
/// ago.
async fn write_second(connection: &mut PgConnection, state: &LedgerState) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into ledger_seconds (
            channel, at, answered, confirmed, settled, outstanding, spooled, lost, oldest_waiting_since
        )
        select
            c.channel, date_trunc('second', $1::timestamptz), p.answered, p.confirmed,
            c.new + c.existing + c.withdrawals + c.dead - c.repeated, s.outstanding, p.spooled, p.lost, s.oldest
        from ledger_channels as c
        cross join lateral (
            select
                coalesce(sum(answered), 0) as answered, coalesce(sum(confirmed_applications), 0) as confirmed,
                coalesce(sum(spool_held), 0) as spooled, coalesce(sum(lost_applications), 0) as lost
            from ledger_processes where channel = c.channel
        ) as p
        cross join lateral (
            select
                coalesce(sum(confirmed_applications - arrived_applications), 0) as outstanding, min(since) as oldest
            from ledger_segments where channel = c.channel
        ) as s
        on conflict (channel, at) do update set
            answered = excluded.answered, confirmed = excluded.confirmed, settled = excluded.settled,
            outstanding = excluded.outstanding, spooled = excluded.spooled, lost = excluded.lost,
            oldest_waiting_since = excluded.oldest_waiting_since
        ",
        to_database(state.now)?,
    )
    .execute(&mut *connection)
    .await?;
    let channels = Channel::ALL.map(|channel| channel.as_str().to_owned());
    sqlx::query_file!("src/ledger/forget_seconds.sql", &channels)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "update ledger_audit set audited_at = $1, compared_since = $2, letters_kept_since = $3",
        to_database(state.now)?,
        state.compared_since.map(to_database).transpose()?,
        state.letters_kept_since.map(to_database).transpose()?,
    )
    .execute(connection)
    .await?;
    Ok(())
}
