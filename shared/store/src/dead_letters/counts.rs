//! How many letters there are.

use jiff::Timestamp;
use sportello_domain::{BenefitId, Channel, DeadLetterReason};

use super::words::{LetterSource, LetterState};
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::instants;

/// Letters of one kind that are kept. Those whose retention has ended are not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterCount {
    /// Where they come from. Conflicts count on the register too.
    pub source: LetterSource,
    /// The channel.
    pub channel: Channel,
    /// The reason.
    pub reason: DeadLetterReason,
    /// The benefit, where it can be read.
    pub benefit: Option<BenefitId>,
    /// The state.
    pub state: LetterState,
    /// Letters.
    pub letters: u64,
    /// Applications that they count for.
    pub applications: u64,
    /// Instant at which the first of them became a dead letter.
    pub oldest: Timestamp,
}

impl Store {
    /// Returns whether a letter waits for an operator, conflicts aside.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn has_open_dead_letters(&self) -> Result<bool, StoreError> {
        within_deadline(async {
            let open = sqlx::query_scalar!(
                r#"
                select exists (
                    select from dead_letters where state = 'open' and source <> 'conflict'
                ) as "open!"
                "#
            );
            Ok(open.fetch_one(&mut *self.connection().await?).await?)
        })
        .await
    }

    /// Returns how many letters there are, by source, channel, reason, benefit and state.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn dead_letter_counts(&self) -> Result<Vec<DeadLetterCount>, StoreError> {
        let rows = within_deadline(async {
            let rows = sqlx::query!(
                r#"
                select
                    source, channel, reason, benefit, state, count(*) as "letters!",
                    sum(applications)::bigint as "applications!", min(dead_lettered_at) as "oldest!"
                from dead_letters group by source, channel, reason, benefit, state
                order by source, channel, reason, benefit, state
                "#
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        let counts = rows.into_iter().map(|row| {
            let benefit = row
                .benefit
                .map(|benefit| stored(BenefitId::parse(&benefit), "a benefit"));
            Ok(DeadLetterCount {
                source: stored(row.source.parse(), "a source of letters")?,
                channel: stored(row.channel.parse(), "a channel")?,
                reason: stored(row.reason.parse(), "a reason of a dead letter")?,
                benefit: benefit.transpose()?,
                state: stored(row.state.parse(), "a state of a letter")?,
                letters: stored(row.letters.try_into(), "a number of letters")?,
                applications: stored(row.applications.try_into(), "a number of applications")?,
                oldest: instants::from_database(row.oldest)?,
            })
        });
        counts.collect()
    }
}
