//! Puts applications on the register.

use std::collections::HashMap;

use jiff::Timestamp;
use sportello_domain::{AcceptedApplication, ApplicationId, Outcome, ProtocolNumber};
use sqlx::{Connection as _, PgTransaction};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::batch::{Receipts, candidates};
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants;
use crate::statements::{Standing, insert_new, lock_known, move_receipts, record_conflicts};

/// How an application of a batch stands to the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// It was not there: it is now, with a protocol number.
    New,
    /// It is there already, from a redelivery or a retry.
    Again,
    /// It is there already, and this one was received earlier: the earlier instant now stands.
    Earlier,
    /// Another content is there under the same id, so under the same idempotency key: that one stands, this one is
    /// recorded as a conflict.
    Conflict,
}

/// What the register says of one application of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The application's id.
    pub id: ApplicationId,
    /// How it stands to the register.
    pub arrival: Arrival,
    /// The number of the application that is on the register.
    pub protocol: ProtocolNumber,
    /// The outcome of the application that is on the register.
    pub outcome: Outcome,
    /// When that one was registered.
    pub registered_at: Timestamp,
}

impl Store {
    /// Registers a batch in one transaction: all of it or nothing. The answers come in the order of the batch.
    ///
    /// Each id has one row, whatever is delivered again and however many workers do it at once. The first content
    /// registered under an id stands; within a batch that is the one received first. The earliest receipt of that
    /// content stands. Every change has its entry in the history.
    ///
    /// # Errors
    /// [`StoreError::Fail`] where at least one row is against the rules of the database; otherwise nothing is known to
    /// be stored, not even after a commit without an answer, and the batch may be registered again.
    pub async fn register(&self, batch: &[&AcceptedApplication]) -> Result<Vec<Registration>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        within_deadline(self.register_in_transaction(batch))
            .await
            .inspect_err(|_| self.forget_sequences())
    }

    async fn register_in_transaction(
        &self,
        batch: &[&AcceptedApplication],
    ) -> Result<Vec<Registration>, StoreError> {
        let candidates = candidates(batch);
        let mut connection = self.connection().await?;
        self.ensure_sequences(&mut connection, &candidates).await?;
        // an error leaves through `?`, and the transaction is rolled back when it is dropped: a commit after a
        // statement that failed would say that all is well while nothing is stored
        let mut transaction = connection.begin().await?;
        let mut standing = insert_new(&mut transaction, &candidates).await?;
        let known: Vec<Uuid> = candidates
            .iter()
            .map(|a| *a.id.as_uuid())
            .filter(|id| !standing.contains_key(id))
            .collect();
        if !known.is_empty() {
            standing.extend(lock_known(&mut transaction, &known).await?);
        }
        let registrations = compare(batch, &candidates, &standing)?;
        record_changes(&mut transaction, batch, &registrations).await?;
        transaction
            .commit()
            .instrument(tracing::info_span!("commit"))
            .await?;
        Ok(registrations)
    }
}

impl Standing {
    fn arrival(&self, application: &AcceptedApplication, is_candidate: bool) -> Arrival {
        if self.content_digest != application.content_digest.as_bytes() {
            Arrival::Conflict
        } else if self.new && is_candidate {
            Arrival::New
        } else if instants::stored(application.received_at) < self.received_at {
            Arrival::Earlier
        } else {
            Arrival::Again
        }
    }
}

fn compare(
    batch: &[&AcceptedApplication],
    candidates: &[&AcceptedApplication],
    standing: &HashMap<Uuid, Standing>,
) -> Result<Vec<Registration>, StoreError> {
    batch
        .iter()
        .map(|application| {
            let stands = standing
                .get(application.id.as_uuid())
                .ok_or_else(|| StoreError::Retry(format!("application {} vanished", application.id)))?;
            let candidate = candidates.binary_search_by_key(&application.id, |candidate| candidate.id);
            let is_candidate = candidate.is_ok_and(|index| std::ptr::eq(candidates[index], *application));
            Ok(Registration {
                id: application.id,
                arrival: stands.arrival(application, is_candidate),
                protocol: stands.protocol,
                outcome: stands.outcome,
                registered_at: stands.registered_at,
            })
        })
        .collect()
}

async fn record_changes(
    transaction: &mut PgTransaction<'_>,
    batch: &[&AcceptedApplication],
    registrations: &[Registration],
) -> Result<(), StoreError> {
    let of = |arrival: Arrival| {
        let those = batch
            .iter()
            .zip(registrations)
            .filter(move |(_, r)| r.arrival == arrival);
        those.map(|(application, _)| *application).collect::<Vec<_>>()
    };
    let earlier = of(Arrival::Earlier);
    if !earlier.is_empty() {
        move_receipts(transaction, &Receipts::of(&earlier)).await?;
    }
    let conflicts = of(Arrival::Conflict);
    if !conflicts.is_empty() {
        record_conflicts(transaction, &Receipts::of(&conflicts)).await?;
    }
    Ok(())
}
