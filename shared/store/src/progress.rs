//! How registering is going, for everybody to see.

use std::time::Duration;

use time::OffsetDateTime;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants::from_database;

/// The latest registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// When this was read, by the database's clock.
    pub at: jiff::Timestamp,
    /// The latest protocol number of the year: so many were registered, but for a few numbers that
    /// rolled back transactions left out.
    pub registered: i64,
    /// So many, and those that wait in queues and spools, as the ledger counts them.
    pub received: i64,
    /// Median time from acceptance to registration of the latest hundred, of those in the last
    /// minute; `None` where there was none.
    pub waiting: Option<Duration>,
}

impl Store {
    /// Reads the latest hundred rows by their number: as cheap on a large register as on a small
    /// one.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn progress(&self) -> Result<Progress, StoreError> {
        let row = within_deadline(async {
            let row = sqlx::query!(
                r#"with latest as (
                    select protocol_number, received_at, registered_at from applications
                    where protocol_year = extract(year from now() at time zone 'Europe/Rome')::smallint
                    order by protocol_number desc limit 100
                )
                select
                    clock_timestamp() as "at!",
                    coalesce((select max(protocol_number) from latest), 0) as "registered!",
                    (
                        (select coalesce(sum(confirmed_applications - arrived_applications), 0) from ledger_segments)
                        + (select coalesce(sum(spool_held), 0) from ledger_processes)
                    )::bigint as "waiting_applications!",
                    (
                        select percentile_cont(0.5)
                            within group (order by extract(epoch from registered_at - received_at)::float8)
                        from latest where registered_at > now() - interval '1 minute'
                    ) as waiting"#
            );
            Ok(row.fetch_one(&mut *self.connection().await?).await?)
        })
        .await?;
        let at: OffsetDateTime = row.at;
        Ok(Progress {
            at: from_database(at)?,
            registered: row.registered,
            received: row.registered + row.waiting_applications.max(0),
            // clocks of two machines may differ by a little
            waiting: row
                .waiting
                .map(|seconds| Duration::from_secs_f64(seconds.max(0.0))),
        })
    }
}
