//! Counts the register: the database's side of the sum that shows that no application is lost.

use sportello_domain::{BenefitId, Channel, Outcome};

use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};

/// The number of applications with one benefit, channel and outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The benefit.
    pub benefit: BenefitId,
    /// The channel.
    pub channel: Channel,
    /// The decision.
    pub outcome: Outcome,
    /// Number of applications.
    pub applications: u64,
}

impl Store {
    /// Counts the register by benefit, channel and outcome, forgotten applications included. Each
    /// accepted content (pair of id and digest) counts once: with its outcome, or as a conflict.
    /// Reads the whole table.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
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
                    union all
                    select benefit, channel, 'conflict', applications from conflict_counts
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
                    benefit: stored(row.benefit.parse(), "a benefit")?,
                    channel: stored(row.channel.parse(), "a channel")?,
                    outcome: stored(row.outcome.parse(), "an outcome")?,
                    applications: stored(u64::try_from(row.applications), "a negative count")?,
                })
            })
            .collect()
    }
}
