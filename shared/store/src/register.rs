//! Registers applications.

use sportello_domain::Incompatibilities;
use sqlx::Connection as _;
use tracing::Instrument as _;

use crate::arrival::Registration;
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::ledger::{LedgerArrival, SettledCounts, insert_arrival};
use crate::registrable::Registrable;
use crate::round::{Look, Round};
use crate::work::Work;
use crate::write::Done;

/// Most attempts of a transaction that concerns more subjects than it locked, or whose id another
/// transaction inserts at the same time.
const ROUNDS: u32 = 12;

impl Store {
    /// Registers applications in one transaction: all or none. Answers come in the order given.
    ///
    /// Each id has one row, whatever is redelivered and however many workers do it at once. Of
    /// several contents under one id, the one received first is the application; at the same
    /// instant, the one with the lower digest. The others are kept whole as conflicts and never
    /// stand. The earliest receipt of each content counts. Every change adds an entry to the
    /// history.
    ///
    /// The decision covers all applications that concern the same subjects, existing ones included,
    /// so it does not depend on order or grouping. An application that stood may lose to one
    /// received earlier, and one that lost may stand again. One that lost has one valid reason; if
    /// several are valid, the first found.
    ///
    /// The cost does not grow with the number of lost applications of the same subjects.
    ///
    /// # Errors
    /// [`StoreError::Fail`] if at least one row breaks a rule of the database, or has the id of
    /// another person's application. After other errors nothing is known to be stored, not even
    /// after a commit without an answer; the same call may be repeated.
    pub async fn register(
        &self,
        batch: &[Registrable<'_>],
        incompatibilities: &Incompatibilities,
    ) -> Result<Vec<Registration>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        self.register_in_one(batch, incompatibilities, None).await
    }

    /// Registers like [`Store::register`]. Records in the same transaction that these applications
    /// are all that was in the messages of `arrival`, whose counts are filled in.
    ///
    /// # Errors
    /// Those of [`Store::register`].
    pub async fn register_and_record(
        &self,
        batch: &[Registrable<'_>],
        incompatibilities: &Incompatibilities,
        arrival: &LedgerArrival,
    ) -> Result<Vec<Registration>, StoreError> {
        self.register_in_one(batch, incompatibilities, Some(arrival))
            .await
    }

    async fn register_in_one(
        &self,
        batch: &[Registrable<'_>],
        incompatibilities: &Incompatibilities,
        arrival: Option<&LedgerArrival>,
    ) -> Result<Vec<Registration>, StoreError> {
        let work = Work::registering(batch, incompatibilities)?;
        let done = within_deadline(self.transact(&work, arrival)).await;
        Ok(done.inspect_err(|_| self.forget_sequences())?.registrations)
    }

    /// Does the work in one transaction. Starts again while it concerns more subjects than were
    /// locked.
    pub(crate) async fn transact(
        &self,
        work: &Work<'_>,
        arrival: Option<&LedgerArrival>,
    ) -> Result<Done, StoreError> {
        let mut subjects = work.own.clone();
        let mut look = Look::ForKnownPersons;
        let mut connection = self.connection().await?;
        self.ensure_sequences(&mut connection, work.firsts()).await?;
        for round in 0..ROUNDS {
            // an error returns through `?`, and dropping the transaction rolls it back: a commit
            // after a failed statement would report success although nothing is stored
            let mut transaction = connection.begin().await?;
            match work.round(&mut transaction, &subjects, look, round).await? {
                Round::Done(done) => {
                    if let Some(arrival) = arrival {
                        let settled = SettledCounts::of(&done.registrations);
                        let arrival = LedgerArrival {
                            settled,
                            ..arrival.clone()
                        };
                        insert_arrival(&mut transaction, &arrival).await?;
                    }
                    let commit = transaction.commit();
                    commit.instrument(tracing::info_span!("commit")).await?;
                    return Ok(done);
                }
                Round::Again(more) => {
                    transaction.rollback().await?;
                    subjects.extend(more);
                }
                Round::Afresh => {
                    transaction.rollback().await?;
                    subjects.clone_from(&work.own);
                }
                Round::Taken => {
                    transaction.rollback().await?;
                    look = Look::ForAll;
                }
            }
        }
        Err(StoreError::TooSlow(
            "other transactions register the same persons at the same time".into(),
        ))
    }
}
