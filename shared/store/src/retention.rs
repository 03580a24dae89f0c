//! Forgets applications that were kept long enough.
//!
//! In slices, each a transaction that locks the subjects and then the applications in order, as registering does: who
//! registers for the same persons at that moment waits for one slice, others do not wait. One worker at a time does it.

use jiff::Timestamp;
use sportello_domain::{ApplicationId, BatchId, BenefitId, Disposal, Retention};
use sqlx::{Connection as _, PgTransaction};
use uuid::Uuid;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::forget::{
    forget, kept, lock, lock_persons, pseudonymise, purge, remove_late_reads, remove_persons,
    remove_what_hangs_on,
};

/// What one pass did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purged {
    /// Applications that are not kept any more, benefit by benefit; those without any are left out.
    pub benefits: Vec<PurgedBenefit>,
    /// Whether there is more to do at once: a slice was full.
    pub more: bool,
    /// Whether another worker was at it, so that a part or all of it was left to that one.
    pub elsewhere: bool,
}

/// Applications for one benefit that are not kept any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgedBenefit {
    /// What they asked for.
    pub benefit: BenefitId,
    /// What became of them.
    pub then: Disposal,
    /// How many.
    pub applications: u64,
}

impl Store {
    /// One pass over the benefits whose retention has ended at `now`: of each, `limit` applications at most, the
    /// earliest ones first.
    ///
    /// - [`Disposal::Pseudonymise`]: protocol number, benefit, category, channel, outcome, reason, amount, budget, turn,
    ///   instants and history stay. Whatever leads to a person goes, the content's digest and the submitter too.
    /// - [`Disposal::Purge`]: all of it goes; [`Store::counts`] still counts it.
    ///
    /// Nobody finds such an application any more, no decision takes it into account, and it can't be registered again.
    /// What was decided on other applications because of it stays decided. Budgets keep their sums.
    ///
    /// It may be called again at any time; call it again at once while it says that there is more.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away: what was done before stands, the rest is for the next pass.
    pub async fn purge(
        &self,
        retentions: &[Retention],
        now: Timestamp,
        limit: u32,
    ) -> Result<Purged, StoreError> {
        let mut all = Purged::default();
        for retention in retentions.iter().filter(|retention| retention.has_ended(now)) {
            match within_deadline(self.purge_slice(retention, limit)).await? {
                None => all.elsewhere = true,
                Some(0) => {}
                Some(applications) => {
                    all.more |= applications >= u64::from(limit);
                    all.benefits.push(PurgedBenefit {
                        benefit: retention.benefit.clone(),
                        then: retention.then,
                        applications,
                    });
                }
            }
        }
        Ok(all)
    }

    /// How many applications of a slice are not kept any more; nothing where another worker is at it.
    async fn purge_slice(&self, retention: &Retention, limit: u32) -> Result<Option<u64>, StoreError> {
        let mut connection = self.connection().await?;
        let mut transaction = connection.begin().await?;
        if !try_lock(&mut transaction).await? {
            transaction.rollback().await?;
            return Ok(None);
        }
        let slice = kept(&mut transaction, &retention.benefit, limit).await?;
        if slice.ids.is_empty() {
            remove_late_reads(&mut transaction).await?;
            transaction.commit().await?;
            return Ok(Some(0));
        }
        lock_persons(&mut transaction, &slice.subjects).await?;
        lock(&mut transaction, &slice.ids).await?;
        forget(&mut transaction, &slice.ids).await?;
        remove_what_hangs_on(&mut transaction, &slice.ids).await?;
        match retention.then {
            Disposal::Pseudonymise => pseudonymise(&mut transaction, &slice.ids).await?,
            Disposal::Purge => purge(&mut transaction, &slice.ids).await?,
        }
        remove_persons(&mut transaction, &slice.subjects).await?;
        transaction.commit().await?;
        Ok(Some(u64::try_from(slice.ids.len()).unwrap_or(u64::MAX)))
    }

    /// Whether an application of this batch is not kept any more, so that nobody can say what became of the whole.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn is_batch_forgotten(&self, batch: BatchId) -> Result<bool, StoreError> {
        self.is_forgotten(*batch.as_uuid()).await
    }

    /// Whether what had this id is not kept any more.
    pub(crate) async fn is_forgotten(&self, id: Uuid) -> Result<bool, StoreError> {
        within_deadline(async {
            let forgotten = sqlx::query_scalar!(
                r#"select exists (select from forgotten where id = $1) as "forgotten!""#,
                id
            );
            Ok(forgotten.fetch_one(&mut *self.connection().await?).await?)
        })
        .await
    }

    /// Those of these applications that were registered, whether they are still kept or not.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn ever_registered(&self, ids: &[ApplicationId]) -> Result<Vec<ApplicationId>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| *id.as_uuid()).collect();
        let found = within_deadline(async {
            let found = sqlx::query_scalar!(
                r#"
                select id as "id!" from applications where id = any($1)
                union select id from forgotten where id = any($1)
                "#,
                &ids
            );
            Ok(found.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        Ok(found.into_iter().map(ApplicationId::from).collect())
    }
}

/// Whether no other worker is at it; then none begins until the transaction ends.
async fn try_lock(transaction: &mut PgTransaction<'_>) -> Result<bool, StoreError> {
    let locked = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtext('sportello_retention'), 0) as "locked!""#
    );
    Ok(locked.fetch_one(&mut **transaction).await?)
}
