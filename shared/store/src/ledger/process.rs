//! Reads and writes the processes.

use std::collections::BTreeMap;

use sportello_domain::{BenefitCounts, Channel, EdgeCounts, ProcessId};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use super::LedgerProcess;
use super::record::{count, number};
use super::segments;
use crate::error::{StoreError, stored};
use crate::instants::{from_database, to_database};

type Processes = BTreeMap<(ProcessId, Channel), LedgerProcess>;

/// Reads each process that is not settled, and those that are named, with their segments.
#[expect(clippy::too_many_lines, reason = "one column after the other")]
pub(super) async fn load(
    connection: &mut PgConnection,
    named: &[(ProcessId, Channel)],
) -> Result<Processes, StoreError> {
    let ids: Vec<i64> = named.iter().map(|(process, _)| process.to_bits()).collect();
    let rows = sqlx::query!(
        r#"
        select
            process, channel, decided_below, confirmed_messages, confirmed_applications,
            exceptions::text as "exceptions!", answered, spool_put, spool_held, stated_at,
            coalesce(heard_at, now()) as "heard_at!", final as is_final, arrived::text as "arrived!", arrived_until,
            unconfirmed_applications, ahead_numbers, ahead_sizes, suspect::text as "suspect!", suspect_since,
            lost::text as "lost!", lost_messages, lost_applications, lost_since,
            closed_at is not null as "is_closed!", benefits as "benefits: Json<BenefitCounts>"
        from ledger_processes where not settled or process = any ($1)
        "#,
        &ids,
    );
    let mut processes = Processes::new();
    for row in rows.fetch_all(&mut *connection).await? {
        let process = ProcessId::from_bits(row.process);
        let channel: Channel = stored(row.channel.parse(), "a channel")?;
        let sizes = row
            .ahead_sizes
            .iter()
            .map(|size| u32::try_from(*size).unwrap_or_default());
        let read = LedgerProcess {
            process,
            channel,
            decided_below: number(row.decided_below),
            confirmed_messages: number(row.confirmed_messages),
            confirmed_applications: number(row.confirmed_applications),
            exceptions: stored(row.exceptions.parse(), "a set of numbers")?,
            edge: EdgeCounts {
                answered: number(row.answered),
                spool_put: number(row.spool_put),
                spool_held: number(row.spool_held),
            },
            stated_at: row.stated_at.map(from_database).transpose()?,
            heard_at: from_database(row.heard_at)?,
            is_final: row.is_final,
            is_closed: row.is_closed,
            arrived: stored(row.arrived.parse(), "a set of numbers")?,
            arrived_until: row.arrived_until.map(from_database).transpose()?,
            benefits: row.benefits.0,
            unconfirmed_applications: number(row.unconfirmed_applications),
            ahead: row
                .ahead_numbers
                .iter()
                .map(|ahead| number(*ahead))
                .zip(sizes)
                .collect(),
            suspect: stored(row.suspect.parse(), "a set of numbers")?,
            suspect_since: row.suspect_since.map(from_database).transpose()?,
            lost: stored(row.lost.parse(), "a set of numbers")?,
            lost_messages: number(row.lost_messages),
            lost_applications: number(row.lost_applications),
            lost_since: row.lost_since.map(from_database).transpose()?,
            segments: Vec::new(),
        };
        processes.insert((process, channel), read);
    }
    for (key, segment) in segments::load(connection).await? {
        if let Some(process) = processes.get_mut(&key) {
            process.segments.push(segment);
        }
    }
    Ok(processes)
}

/// Writes a process; its segments are written apart.
#[expect(clippy::too_many_lines, reason = "one column after the other")]
pub(super) async fn write(connection: &mut PgConnection, one: &LedgerProcess) -> Result<(), StoreError> {
    let instant = |at: Option<_>| at.map(to_database).transpose();
    let stated_at: Option<OffsetDateTime> = instant(one.stated_at)?;
    let ahead_numbers: Vec<i64> = one.ahead.keys().map(|ahead| count(*ahead)).collect();
    let ahead_sizes = one
        .ahead
        .values()
        .map(|size| i32::try_from(*size).unwrap_or(i32::MAX));
    let ahead_sizes: Vec<i32> = ahead_sizes.collect();
    sqlx::query!(
        "
        insert into ledger_processes (
            process, channel, decided_below, confirmed_messages, confirmed_applications, exceptions, answered,
            spool_put, spool_held, stated_at, heard_at, final, arrived, arrived_until, unconfirmed_applications,
            ahead_numbers, ahead_sizes, suspect, suspect_since, lost, lost_messages, lost_applications, lost_since,
            settled, benefits
        )
        values (
            $1, $2, $3, $4, $5, $6::text::int8multirange, $7, $8, $9, $10, $11, $12, $13::text::int8multirange, $14,
            $15, $16, $17, $18::text::int8multirange, $19, $20::text::int8multirange, $21, $22, $23, $24, $25
        )
        on conflict (process, channel) do update set
            decided_below = excluded.decided_below, confirmed_messages = excluded.confirmed_messages,
            confirmed_applications = excluded.confirmed_applications, exceptions = excluded.exceptions,
            answered = excluded.answered, spool_put = excluded.spool_put, spool_held = excluded.spool_held,
            stated_at = excluded.stated_at, heard_at = excluded.heard_at, final = excluded.final,
            arrived = excluded.arrived, arrived_until = excluded.arrived_until,
            unconfirmed_applications = excluded.unconfirmed_applications, ahead_numbers = excluded.ahead_numbers,
            ahead_sizes = excluded.ahead_sizes, suspect = excluded.suspect, suspect_since = excluded.suspect_since,
            lost = excluded.lost, lost_messages = excluded.lost_messages,
            lost_applications = excluded.lost_applications, lost_since = excluded.lost_since,
            settled = excluded.settled, benefits = excluded.benefits
        ",
        one.process.to_bits(),
        one.channel.as_str(),
        count(one.decided_below),
        count(one.confirmed_messages),
        count(one.confirmed_applications),
        one.exceptions.to_string(),
        count(one.edge.answered),
        count(one.edge.spool_put),
        count(one.edge.spool_held),
        stated_at,
        to_database(one.heard_at)?,
        one.is_final,
        one.arrived.to_string(),
        instant(one.arrived_until)?,
        count(one.unconfirmed_applications),
        &ahead_numbers,
        &ahead_sizes,
        one.suspect.to_string(),
        instant(one.suspect_since)?,
        one.lost.to_string(),
        count(one.lost_messages),
        count(one.lost_applications),
        instant(one.lost_since)?,
        one.is_settled(),
        Json(&one.benefits) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}
