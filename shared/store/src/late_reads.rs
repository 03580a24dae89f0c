//! Sweeps the journal once more after applications were forgotten.

use sqlx::Connection as _;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;

impl Store {
    /// Removes journal entries of reads that ran while their application was forgotten, an hour
    /// later, for at most `limit` applications. Returns whether to call again at once.
    ///
    /// The database remembers the remaining work, so no application is skipped.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away: nothing was removed.
    pub async fn remove_late_reads(&self, limit: u32) -> Result<bool, StoreError> {
        within_deadline(async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            let swept = sqlx::query_scalar!(
                "
                delete from late_reads where application_id in (
                    select application_id from late_reads where forgotten_at < now() - interval '1 hour'
                    order by forgotten_at limit $1 for update skip locked
                )
                returning application_id
                ",
                i64::from(limit),
            )
            .fetch_all(&mut *transaction)
            .await?;
            sqlx::query!(
                "delete from access_journal where application_id = any($1)",
                &swept
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(u32::try_from(swept.len()).is_ok_and(|swept| swept >= limit))
        })
        .await
    }
}
