//! Announcements of coming purges, stored so that every worker and every restart knows them.

use jiff::Timestamp;
use sportello_domain::{BenefitId, Retention};
use sqlx::PgTransaction;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants::{from_database, to_database};

/// An announced purge.
pub(crate) struct Announced {
    /// Instant at which the applications are erased.
    pub(crate) from: Timestamp,
    /// Whether that instant has passed.
    pub(crate) due: bool,
}

/// Announces a purge of a benefit's applications, unless the same announcement exists. A different
/// end or disposal makes a new announcement.
pub(crate) async fn announce(
    transaction: &mut PgTransaction<'_>,
    retention: &Retention,
) -> Result<Announced, StoreError> {
    let row = sqlx::query!(
        r#"
        insert into purge_announcements as known (benefit, ends, disposal) values ($1, $2, $3)
        on conflict (benefit) do update set
            ends = excluded.ends, disposal = excluded.disposal,
            announced_at = case
                when known.ends = excluded.ends and known.disposal = excluded.disposal then known.announced_at
                else excluded.announced_at
            end
        returning announced_at + interval '1 day' as "from!", announced_at + interval '1 day' <= now() as "due!"
        "#,
        retention.benefit.as_str(),
        to_database(retention.ends)?,
        retention.then.as_str(),
    )
    .fetch_one(&mut **transaction)
    .await?;
    Ok(Announced {
        from: from_database(row.from)?,
        due: row.due,
    })
}

/// Removes an announcement, because nothing is left to erase.
pub(crate) async fn withdraw(
    transaction: &mut PgTransaction<'_>,
    benefit: &BenefitId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from purge_announcements where benefit = $1",
        benefit.as_str()
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Store {
    /// Returns whether a purge is due within a day. Until then the benefit's file can be corrected.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn is_purge_announced(&self) -> Result<bool, StoreError> {
        within_deadline(async {
            let announced = sqlx::query_scalar!(
                r#"
                select exists (
                    select from purge_announcements where announced_at > now() - interval '1 day'
                ) as "announced!"
                "#
            );
            Ok(announced.fetch_one(&mut *self.connection().await?).await?)
        })
        .await
    }

    /// Removes the announcement of a benefit whose retention has not ended.
    pub(crate) async fn withdraw_announcement(&self, benefit: &BenefitId) -> Result<(), StoreError> {
        within_deadline(async {
            let mut connection = self.connection().await?;
            let mut transaction = sqlx::Connection::begin(&mut *connection).await?;
            withdraw(&mut transaction, benefit).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }
}
