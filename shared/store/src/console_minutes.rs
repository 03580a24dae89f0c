//! What the console showed in each minute.

use jiff::Timestamp;
use serde_json::Value;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants::{from_database, to_database};

impl Store {
    /// Keeps a minute, unless another console has kept it, and forgets those that are older than
    /// two days.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Fail`] where the instant is
    /// not the beginning of a minute.
    pub async fn keep_console_minute(&self, minute: Timestamp, point: &Value) -> Result<(), StoreError> {
        let minute = to_database(minute)?;
        within_deadline(async {
            let mut connection = self.connection().await?;
            sqlx::query!(
                "insert into console_minutes (minute, point) values ($1, $2) on conflict do nothing",
                minute,
                point,
            )
            .execute(&mut *connection)
            .await?;
            sqlx::query!("delete from console_minutes where minute < now() - interval '2 days'")
                .execute(&mut *connection)
                .await?;
            Ok(())
        })
        .await
    }

    /// Returns the minutes from an instant on, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn console_minutes(&self, from: Timestamp) -> Result<Vec<(Timestamp, Value)>, StoreError> {
        let from = to_database(from)?;
        let rows = within_deadline(async {
            let rows = sqlx::query!(
                "select minute, point from console_minutes where minute >= $1 order by minute",
                from
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        rows.into_iter()
            .map(|row| Ok((from_database(row.minute)?, row.point)))
            .collect()
    }
}
