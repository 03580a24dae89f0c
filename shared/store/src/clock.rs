//! The database's time.

use jiff::Timestamp;
use sportello_domain::ClockDifference;
use time::OffsetDateTime;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants::from_database;

impl Store {
    /// Returns the time that the database's clock shows.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        let now: OffsetDateTime = within_deadline(async {
            let now = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#);
            Ok(now.fetch_one(&mut *self.connection().await?).await?)
        })
        .await?;
        from_database(now)
    }

    /// Compares the database's clock with this process's.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn clock_difference(&self) -> Result<ClockDifference, StoreError> {
        let asked = Timestamp::now();
        let database = self.now().await?;
        let answered = Timestamp::now();
        Ok(ClockDifference::between(
            database.duration_since(answered),
            database.duration_since(asked),
        ))
    }
}
