//! Forgets applications whose retention has ended.
//!
//! Works in slices. Each slice is a transaction that locks the subjects and then the applications
//! in order, as registering does. A registration for the same persons waits for one slice; others
//! do not wait. One worker at a time does it.

use jiff::{SignedDuration, Timestamp};
use sportello_domain::{ApplicationId, BatchId, BenefitId, Disposal, Retention};
use sqlx::{Connection as _, PgTransaction};
use uuid::Uuid;

use crate::announce::{announce, withdraw};
use crate::connection::{Store, within_deadline};
use crate::dead_letters::{forget_letters, letters_kept, remove_letters_of};
use crate::error::StoreError;
use crate::forget::{
    forget, kept, lock, lock_persons, pseudonymise, purge, remove_persons, remove_what_hangs_on,
};
use crate::withdraw::remove_stale;

/// Largest difference between the caller's clock and the database's at which a purge still erases.
pub const CLOCKS_AGREE: SignedDuration = SignedDuration::from_mins(5);

/// Result of one pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purged {
    /// Applications forgotten in this pass, by benefit; benefits without any are left out.
    pub benefits: Vec<PurgedBenefit>,
    /// Benefits whose applications will be erased.
    pub announced: Vec<AnnouncedPurge>,
    /// By how much the database's clock is ahead of the caller's, if they disagree. The pass then
    /// did nothing.
    pub clocks_apart: Option<SignedDuration>,
    /// Whether to call again at once, because a slice was full.
    pub more: bool,
    /// Whether another worker held the lock, so that part or all of the work was left to it.
    pub elsewhere: bool,
}

/// Forgotten applications of one benefit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgedBenefit {
    /// The benefit.
    pub benefit: BenefitId,
    /// How they were forgotten.
    pub then: Disposal,
    /// Number of applications.
    pub applications: u64,
    /// Number of dead letters of applications that were not on the register.
    pub dead_letters: u64,
}

/// A benefit whose retention has ended, and whose applications still exist for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedPurge {
    /// The benefit.
    pub benefit: BenefitId,
    /// How they will be forgotten.
    pub then: Disposal,
    /// Instant of the purge, by the database's clock.
    pub from: Timestamp,
}

/// Result of one slice.
enum Slice {
    /// Another worker holds the lock.
    Elsewhere,
    /// Announced only: they are erased at this instant.
    Announced(Timestamp),
    /// Numbers of applications and of dead letters that were forgotten.
    Gone(u64, u64),
}

impl Store {
    /// Makes one pass over the benefits whose retention has ended by the database's clock. Forgets
    /// at most `limit` applications of each, the earliest first.
    ///
    /// - [`Disposal::Pseudonymise`]: keeps protocol number, benefit, category, channel, outcome,
    ///   reason, amount, budget, turn, instants and history. Removes all links to a person, also
    ///   the content's digest and the submitter.
    /// - [`Disposal::Purge`]: removes everything; [`Store::counts`] still counts it.
    ///
    /// This can't be undone. So the first pass only announces a purge in the database. A pass a day
    /// later erases, if the end of retention and the disposal are still the same: see
    /// [`Purged::announced`]. The caller's time, `own`, must be within five minutes of the
    /// database's: see [`Purged::clocks_apart`].
    ///
    /// Afterwards no reader finds such an application, no decision considers it, and it can't be
    /// registered again. Decisions on other applications that it caused stay. Budgets keep their
    /// sums.
    ///
    /// May be called at any time; call again at once while [`Purged::more`] is set.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away. Finished slices stay; the next pass does
    /// the rest.
    pub async fn purge(
        &self,
        retentions: &[Retention],
        own: Timestamp,
        limit: u32,
    ) -> Result<Purged, StoreError> {
        let now = self.now().await?;
        let apart = now.duration_since(own);
        if apart.abs() > CLOCKS_AGREE {
            return Ok(Purged {
                clocks_apart: Some(apart),
                ..Purged::default()
            });
        }
        let mut all = Purged::default();
        within_deadline(self.remove_stale_withdrawals()).await?;
        all.more |= within_deadline(self.remove_decided_letters(retentions, limit)).await?;
        for retention in retentions {
            if retention.has_ended(now) {
                let slice = within_deadline(self.purge_slice(retention, limit)).await?;
                all.add(retention, &slice, limit);
            } else {
                self.withdraw_announcement(&retention.benefit).await?;
            }
        }
        Ok(all)
    }

    /// Removes withdrawals whose application never came.
    async fn remove_stale_withdrawals(&self) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        let mut transaction = connection.begin().await?;
        remove_stale(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn purge_slice(&self, retention: &Retention, limit: u32) -> Result<Slice, StoreError> {
        let mut connection = self.connection().await?;
        let mut transaction = connection.begin().await?;
        if !try_lock(&mut transaction).await? {
            transaction.rollback().await?;
            return Ok(Slice::Elsewhere);
        }
        let slice = kept(&mut transaction, &retention.benefit, limit).await?;
        let letters = letters_kept(&mut transaction, &retention.benefit, limit).await?;
        if slice.ids.is_empty() && letters.is_empty() {
            withdraw(&mut transaction, &retention.benefit).await?;
            transaction.commit().await?;
            return Ok(Slice::Gone(0, 0));
        }
        let announced = announce(&mut transaction, retention).await?;
        if !announced.due {
            transaction.commit().await?;
            return Ok(Slice::Announced(announced.from));
        }
        lock_persons(&mut transaction, &slice.subjects).await?;
        // another content may have replaced one meanwhile, with another benefit or other subjects
        if slice != kept(&mut transaction, &retention.benefit, limit).await? {
            return Err(StoreError::Retry("the applications to purge have changed".into()));
        }
        lock(&mut transaction, &slice.ids).await?;
        forget(&mut transaction, &slice.ids).await?;
        forget_letters(&mut transaction, &letters).await?;
        remove_letters_of(&mut transaction, &slice.ids).await?;
        remove_what_hangs_on(&mut transaction, &slice.ids).await?;
        match retention.then {
            Disposal::Pseudonymise => pseudonymise(&mut transaction, &slice.ids).await?,
            Disposal::Purge => purge(&mut transaction, &slice.ids).await?,
        }
        remove_persons(&mut transaction, &slice.subjects).await?;
        transaction.commit().await?;
        let count = |ids: &[Uuid]| u64::try_from(ids.len()).unwrap_or(u64::MAX);
        Ok(Slice::Gone(count(&slice.ids), count(&letters)))
    }

    /// Returns whether an application of this batch was forgotten: then its results are incomplete.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn is_batch_forgotten(&self, batch: BatchId) -> Result<bool, StoreError> {
        self.is_forgotten(*batch.as_uuid()).await
    }

    /// Returns whether the application or batch with this id was forgotten.
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

    /// Returns which of these applications were ever registered, still kept or not.
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

impl Purged {
    fn add(&mut self, retention: &Retention, slice: &Slice, limit: u32) {
        let (benefit, then) = (retention.benefit.clone(), retention.then);
        match *slice {
            Slice::Elsewhere => self.elsewhere = true,
            Slice::Announced(from) => self.announced.push(AnnouncedPurge { benefit, then, from }),
            Slice::Gone(0, 0) => {}
            Slice::Gone(applications, dead_letters) => {
                self.more |= applications.max(dead_letters) >= u64::from(limit);
                self.benefits.push(PurgedBenefit {
                    benefit,
                    then,
                    applications,
                    dead_letters,
                });
            }
        }
    }
}

/// Takes the lock until the transaction ends. Returns false if another worker holds it.
async fn try_lock(transaction: &mut PgTransaction<'_>) -> Result<bool, StoreError> {
    let locked = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtext('sportello_retention'), 0) as "locked!""#
    );
    Ok(locked.fetch_one(&mut **transaction).await?)
}
