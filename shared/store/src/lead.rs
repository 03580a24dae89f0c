//! One process that leads, of several.

use sqlx::Postgres;
use sqlx::pool::PoolConnection;

use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};

/// The lead of a task. It is given back when dropped, with its connection, or when that ends.
#[derive(Debug)]
pub struct Lead(PoolConnection<Postgres>);

impl Store {
    /// Takes the lead of a task, unless another process has it.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn take_lead(&self, task: &str) -> Result<Option<Lead>, StoreError> {
        within_deadline(async {
            let mut connection = self.connection().await?;
            let taken = sqlx::query_scalar!(r#"select pg_try_advisory_lock(hashtext($1)) as "taken!""#, task);
            let taken = taken.fetch_one(&mut *connection).await?;
            if !taken {
                return Ok(None);
            }
            // the lock belongs to the session: the connection ends with the lead
            connection.close_on_drop();
            Ok(Some(Lead(connection)))
        })
        .await
    }
}

impl Store {
    /// Returns how many connections the server allows.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn max_connections(&self) -> Result<u16, StoreError> {
        let most = within_deadline(async {
            let most =
                sqlx::query_scalar!(r#"select current_setting('max_connections')::integer as "most!""#);
            Ok(most.fetch_one(&mut *self.connection().await?).await?)
        })
        .await?;
        stored(u16::try_from(most), "a number of connections")
    }
}

impl Lead {
    /// Checks that the lead is still this process's.
    ///
    /// # Errors
    /// [`StoreError::Retry`]: the connection, and so the lead, is lost.
    pub async fn check(&mut self) -> Result<(), StoreError> {
        within_deadline(async {
            sqlx::query!(r#"select 1 as "one!""#)
                .fetch_one(&mut *self.0)
                .await?;
            Ok(())
        })
        .await
    }
}
