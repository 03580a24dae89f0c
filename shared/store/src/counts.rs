//! How many applications the register holds: the database's side of the sum that shows that none is lost.

use sportello_domain::{BenefitId, Channel, Outcome};

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;

/// The number of applications with one benefit, channel and outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What they ask for.
    pub benefit: BenefitId,
    /// The way they came.
    pub channel: Channel,
    /// What was decided.
    pub outcome: Outcome,
    /// How many.
    pub applications: u64,
}

impl Store {
    /// Counts the register by benefit, channel and outcome, with those that are not kept any more. It reads the whole
    /// table.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a newer version.
    pub async fn counts(&self) -> Result<Vec<Count>, StoreError> {
        let rows = within_deadline(async {
            let rows = sqlx::query!(
                r#"
                select
                    benefit as "benefit!", channel as "channel!", outcome as "outcome!",
                    sum(applications)::bigint as "applications!"
                from (
                    select benefit, channel, outcome, count(*) as applications
                    from applications group by benefit, channel, outcome
                    union all select benefit, channel, outcome, applications from purged_applications
                ) as counted
                group by benefit, channel, outcome order by benefit, channel, outcome
                "#
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Count {
                    benefit: row
                        .benefit
                        .parse()
                        .map_err(|_| StoreError::unreadable("a benefit"))?,
                    channel: row
                        .channel
                        .parse()
                        .map_err(|_| StoreError::unreadable("a channel"))?,
                    outcome: row
                        .outcome
                        .parse()
                        .map_err(|_| StoreError::unreadable("an outcome"))?,
                    applications: u64::try_from(row.applications).unwrap_or_default(),
                })
            })
            .collect()
    }
}
