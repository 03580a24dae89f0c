//! Reads and writes the sums of each benefit.

use std::collections::BTreeMap;

use sportello_domain::{BenefitId, Channel};
use sqlx::PgConnection;

use super::record::{count, number};
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};

/// What waits of a benefit is what was answered, less what was settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BenefitSums {
    /// Applications that intake answered with `202`.
    pub answered: u64,
    /// Applications that workers settled.
    pub settled: u64,
}

/// The sums of each channel and benefit.
pub type Benefits = BTreeMap<(Channel, BenefitId), BenefitSums>;

impl Store {
    /// Reads the sums of each channel and benefit.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn ledger_benefits(&self) -> Result<Benefits, StoreError> {
        within_deadline(async { load(&mut *self.connection().await?).await }).await
    }
}

pub(super) async fn load(connection: &mut PgConnection) -> Result<Benefits, StoreError> {
    let rows = sqlx::query!("select channel, benefit, answered, settled from ledger_benefits");
    let rows = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let key = (
            stored(row.channel.parse(), "a channel")?,
            stored(row.benefit.parse(), "a benefit")?,
        );
        let sums = BenefitSums {
            answered: number(row.answered),
            settled: number(row.settled),
        };
        Ok((key, sums))
    });
    rows.collect()
}

/// Writes what changed.
pub(super) async fn write(
    connection: &mut PgConnection,
    before: &Benefits,
    after: &Benefits,
) -> Result<(), StoreError> {
    let changed: Vec<_> = after
        .iter()
        .filter(|(key, sums)| before.get(key) != Some(sums))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let channels: Vec<String> = changed
        .iter()
        .map(|((channel, _), _)| channel.as_str().into())
        .collect();
    let benefits: Vec<String> = changed
        .iter()
        .map(|((_, benefit), _)| benefit.to_string())
        .collect();
    let answered: Vec<i64> = changed.iter().map(|(_, sums)| count(sums.answered)).collect();
    let settled: Vec<i64> = changed.iter().map(|(_, sums)| count(sums.settled)).collect();
    sqlx::query!(
        "
        insert into ledger_benefits (channel, benefit, answered, settled)
        select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
        on conflict (channel, benefit) do update set answered = excluded.answered, settled = excluded.settled
        ",
        &channels,
        &benefits,
        &answered,
        &settled,
    )
    .execute(connection)
    .await?;
    Ok(())
}
