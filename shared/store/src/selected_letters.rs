//! How many dead letters a filter selects.

use crate::connection::{Store, within_deadline};
use crate::dead_letters::LetterFilter;
use crate::error::{StoreError, stored};
use crate::instants::to_database;

/// Letters that are counted at most: one more than a job may have.
const MOST: i64 = 10_001;

impl Store {
    /// Counts the letters that a filter selects, up to 10,001.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn selected_dead_letters(&self, filter: &LetterFilter) -> Result<u64, StoreError> {
        let from = filter.from.map(to_database).transpose()?;
        let until = filter.until.map(to_database).transpose()?;
        let count = within_deadline(async {
            let count = sqlx::query_scalar!(
                r#"select count(*) as "count!" from (
                    select from dead_letters
                    where ($1::text is null or state = $1) and ($2::text is null or source = $2)
                        and ($3::text is null or reason = $3) and ($4::text is null or benefit = $4)
                        and ($5::text is null or channel = $5)
                        and ($6::uuid is null or application_id = $6)
                        and ($7::timestamptz is null or dead_lettered_at >= $7)
                        and ($8::timestamptz is null or dead_lettered_at < $8)
                    limit $9
                ) as selected"#,
                filter.state.map(|state| state.as_str()),
                filter.source.map(|source| source.as_str()),
                filter.reason.map(|reason| reason.as_str()),
                filter.benefit.as_ref().map(|benefit| benefit.as_str()),
                filter.channel.map(|channel| channel.as_str()),
                filter.application_id.map(|id| *id.as_uuid()),
                from,
                until,
                MOST,
            );
            Ok(count.fetch_one(&mut *self.connection().await?).await?)
        })
        .await?;
        stored(u64::try_from(count), "a negative count")
    }
}
