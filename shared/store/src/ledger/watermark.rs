//! Finds receipts whose application is nowhere.

use std::time::Duration;

use jiff::Timestamp;
use sportello_domain::{ApplicationId, BenefitId};

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants::{from_database, to_database};

/// Time for which a message may be under way before its process states it, and by which clocks may
/// differ.
pub const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// What a valid receipt says of an application that is not on the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The application.
    pub id: ApplicationId,
    /// Its benefit.
    pub benefit: BenefitId,
    /// When it was accepted.
    pub received_at: Timestamp,
}

impl Store {
    /// Returns the instant before which everything that was accepted is settled; `None` while that
    /// is not known, or messages wait.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn settled_before(&self) -> Result<Option<Timestamp>, StoreError> {
        within_deadline(async {
            let at = sqlx::query_scalar!("select at from ledger_watermark");
            let at = at.fetch_optional(&mut *self.connection().await?).await?;
            at.flatten().map(from_database).transpose()
        })
        .await
    }

    /// Judges an application that is accepted and not on the register. Where everything that was
    /// confirmed by then is settled, and it is neither forgotten nor a dead letter, it is lost:
    /// records that. Returns whether it was recorded now. Nothing is judged where
    /// [`Store::settled_before`] is not [`SETTLED_WITHIN`] later than its receipt.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn prove_missing(&self, missing: &Missing) -> Result<bool, StoreError> {
        let received_at = to_database(missing.received_at)?;
        within_deadline(async {
            let recorded = sqlx::query!(
                "
                insert into proven_missing (application_id, benefit, received_at)
                select $1, $2, $3 from ledger_watermark
                where at > $3::timestamptz + make_interval(secs => $4)
                    and not exists (select from applications where id = $1)
                    and not exists (select from forgotten where id = $1)
                    and not may_be_dead_lettered($1)
                on conflict (application_id) do nothing
                ",
                missing.id.as_uuid(),
                missing.benefit.as_str(),
                received_at,
                SETTLED_WITHIN.as_secs_f64(),
            );
            let recorded = recorded.execute(&mut *self.connection().await?).await?;
            Ok(recorded.rows_affected() == 1)
        })
        .await
    }
}
