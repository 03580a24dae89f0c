//! Reads and writes the segments of processes.

use sportello_domain::{Channel, ProcessId};
use sqlx::PgConnection;

use super::record::{count, number};
use super::{LedgerProcess, LedgerSegment};
use crate::error::{StoreError, stored};
use crate::instants::{from_database, to_database};

pub(super) async fn load(
    connection: &mut PgConnection,
) -> Result<Vec<((ProcessId, Channel), LedgerSegment)>, StoreError> {
    let rows = sqlx::query!("select * from ledger_segments order by process, channel, first");
    let rows = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let key = (
            ProcessId::from_bits(row.process),
            stored(row.channel.parse(), "a channel")?,
        );
        let segment = LedgerSegment {
            first: number(row.first),
            below: number(row.below),
            confirmed_messages: number(row.confirmed_messages),
            confirmed_applications: number(row.confirmed_applications),
            arrived_messages: number(row.arrived_messages),
            arrived_applications: number(row.arrived_applications),
            since: from_database(row.since)?,
            until: from_database(row.until)?,
        };
        Ok((key, segment))
    });
    rows.collect()
}

/// Writes what changed between the two states of a process.
pub(super) async fn write(
    connection: &mut PgConnection,
    before: &[LedgerSegment],
    after: &LedgerProcess,
) -> Result<(), StoreError> {
    let is_gone = |old: &&LedgerSegment| after.segments.iter().all(|new| new.first != old.first);
    let gone: Vec<i64> = before
        .iter()
        .filter(is_gone)
        .map(|old| count(old.first))
        .collect();
    let (process, channel) = (after.process.to_bits(), after.channel.as_str());
    if !gone.is_empty() {
        sqlx::query!(
            "delete from ledger_segments where process = $1 and channel = $2 and first = any ($3)",
            process,
            channel,
            &gone,
        )
        .execute(&mut *connection)
        .await?;
    }
    for changed in after.segments.iter().filter(|new| !before.contains(new)) {
        upsert(connection, process, channel, changed).await?;
    }
    Ok(())
}

async fn upsert(
    connection: &mut PgConnection,
    process: i64,
    channel: &str,
    segment: &LedgerSegment,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into ledger_segments (
            process, channel, first, below, confirmed_messages, confirmed_applications, arrived_messages,
            arrived_applications, since, until
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (process, channel, first) do update set
            below = excluded.below, confirmed_messages = excluded.confirmed_messages,
            confirmed_applications = excluded.confirmed_applications, arrived_messages = excluded.arrived_messages,
            arrived_applications = excluded.arrived_applications, since = excluded.since, until = excluded.until
        ",
        process,
        channel,
        count(segment.first),
        count(segment.below),
        count(segment.confirmed_messages),
        count(segment.confirmed_applications),
        count(segment.arrived_messages),
        count(segment.arrived_applications),
        to_database(segment.since)?,
        to_database(segment.until)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}
