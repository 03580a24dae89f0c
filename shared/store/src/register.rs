//! Puts applications on the register.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sportello_domain::{AcceptedApplication, ApplicationId, Incompatibilities, Subject};
use sqlx::{Connection as _, PgTransaction};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::arrival::{Arrival, Registration};
use crate::batch::{NewRow, Receipts, Registrable, candidates, subjects};
use crate::batch_rows::insert_batch_rows;
use crate::budgets::cuts;
use crate::connection::{Store, within_deadline};
use crate::decision::{Decision, Party, decisions, movements};
use crate::error::StoreError;
use crate::known::{Known, connected, lock_known, lock_subjects};
use crate::statements::{
    add_movements, change_decisions, insert_new, insert_subjects, move_receipts, record_conflicts,
};

/// How often a batch is begun anew because it concerns more than was locked, or because another transaction put one of
/// its ids there at the same moment.
const ROUNDS: usize = 10;

/// A transaction's end.
enum Round {
    Done(Vec<Registration>),
    /// Nothing is to be stored: begin anew, with these subjects too.
    Again(BTreeSet<Subject>),
    /// Nothing is to be stored: a subject was forgotten meanwhile, begin anew with the batch's own alone.
    Afresh,
    /// Nothing is to be stored: an id that was not looked for is there, begin anew and look for all.
    Taken,
}

/// Which ids of the batch are looked for before they are put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Those of persons and subjects who were there before. What is delivered again concerns the same ones, so that
    /// only an id that was used for somebody else is missed, and then the primary key refuses it.
    ForKnownPersons,
    ForAll,
}

impl Store {
    /// Registers a batch in one transaction: all of it or nothing. The answers come in the order of the batch.
    ///
    /// Each id has one row, whatever is delivered again and however many workers do it at once. The first content
    /// registered under an id stands; within a batch that is the one received first. The earliest receipt of that
    /// content stands. Every change has its entry in the history.
    ///
    /// Which applications stand is decided on all that concern the same subjects, those on the register included: the
    /// register ends the same in whatever order and batches they come. An application that stood may lose to one that
    /// was received earlier, and one that had lost may stand again.
    ///
    /// # Errors
    /// [`StoreError::Fail`] where at least one row is against the rules of the database; otherwise nothing is known to
    /// be stored, not even after a commit without an answer, and the batch may be registered again.
    pub async fn register(
        &self,
        batch: &[Registrable<'_>],
        incompatibilities: &Incompatibilities,
    ) -> Result<Vec<Registration>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        within_deadline(self.register_in_transaction(batch, incompatibilities))
            .await
            .inspect_err(|_| self.forget_sequences())
    }

    async fn register_in_transaction(
        &self,
        batch: &[Registrable<'_>],
        incompatibilities: &Incompatibilities,
    ) -> Result<Vec<Registration>, StoreError> {
        let candidates = candidates(batch);
        let own = subjects(&candidates);
        let mut subjects = own.clone();
        let mut look = Look::ForKnownPersons;
        let mut connection = self.connection().await?;
        self.ensure_sequences(&mut connection, &candidates).await?;
        for _ in 0..ROUNDS {
            // an error leaves through `?`, and the transaction is rolled back when it is dropped: a commit after a
            // statement that failed would say that all is well while nothing is stored
            let mut transaction = connection.begin().await?;
            let work = Work {
                batch,
                candidates: &candidates,
                own: &own,
                incompatibilities,
            };
            match work.round(&mut transaction, &subjects, look).await? {
                Round::Done(registrations) => {
                    transaction
                        .commit()
                        .instrument(tracing::info_span!("commit"))
                        .await?;
                    return Ok(registrations);
                }
                Round::Again(more) => {
                    transaction.rollback().await?;
                    subjects.extend(more);
                }
                Round::Afresh => {
                    transaction.rollback().await?;
                    subjects.clone_from(&own);
                }
                Round::Taken => {
                    transaction.rollback().await?;
                    look = Look::ForAll;
                }
            }
        }
        Err(StoreError::Retry(
            "others register the same persons at the same moment".into(),
        ))
    }
}

/// A batch to register.
pub(crate) struct Work<'a> {
    pub(crate) batch: &'a [Registrable<'a>],
    /// Those that would be registered, in order of id.
    pub(crate) candidates: &'a [Registrable<'a>],
    /// Everybody and everything that the candidates concern.
    own: &'a BTreeSet<Subject>,
    incompatibilities: &'a Incompatibilities,
}

impl Work<'_> {
    async fn round(
        &self,
        transaction: &mut PgTransaction<'_>,
        subjects: &BTreeSet<Subject>,
        look: Look,
    ) -> Result<Round, StoreError> {
        let Some(with_history) = lock_subjects(transaction, self.own, subjects).await? else {
            return Ok(Round::Afresh);
        };
        let ids = self.ids(look, &with_history);
        let known = lock_known(transaction, &ids, &with_history).await?;
        // one that is there under an id of the batch and concerns others has no part in this
        let concerned: Vec<&Known> = known
            .values()
            .filter(|known| known.subjects().any(|subject| subjects.contains(subject)))
            .collect();
        let beyond = |known: &&Known| known.subjects().any(|subject| !subjects.contains(subject));
        if concerned.iter().any(beyond) {
            let all = concerned.iter().flat_map(|known| known.subjects());
            let all = all.chain(subjects).cloned().collect();
            return Ok(Round::Again(connected(transaction, &all).await?));
        }
        let parties = self.parties(&known, &concerned);
        let budgets = parties.iter().filter_map(|party| party.budget.as_deref());
        let cuts = cuts(transaction, &budgets.collect()).await?;
        let decisions = decisions(&parties, self.incompatibilities, &cuts);
        self.store(transaction, &known, &parties, &decisions).await
    }

    /// The ids to look for, where these subjects were there before.
    fn ids(&self, look: Look, with_history: &[&str]) -> Vec<Uuid> {
        if look == Look::ForKnownPersons && with_history.is_empty() {
            return Vec::new();
        }
        let with_history: HashSet<&str> = with_history.iter().copied().collect();
        let is_known = |subject: &Subject| with_history.contains(subject.as_str());
        let sought = self.candidates.iter().filter(|candidate| {
            look == Look::ForAll
                || is_known(&candidate.applicant())
                || candidate.one_per().iter().any(is_known)
        });
        sought.map(|candidate| *candidate.id().as_uuid()).collect()
    }

    /// Those on the register, and those that are new.
    fn parties(&self, known: &BTreeMap<ApplicationId, Known>, concerned: &[&Known]) -> Vec<Party> {
        let mut earlier: HashMap<ApplicationId, &Registrable<'_>> = HashMap::new();
        for sent in self.batch {
            let same = known
                .get(&sent.id())
                .filter(|known| known.content_digest == sent.application.content_digest.as_bytes());
            if same.is_some_and(|known| sent.received_at() < known.received_at) {
                let first = earlier.entry(sent.id()).or_insert(sent);
                if sent.received_at() < first.received_at() {
                    *first = sent;
                }
            }
        }
        let there = concerned
            .iter()
            .map(|known| Party::known(known, earlier.get(&known.id).copied()));
        let new = self
            .candidates
            .iter()
            .filter(|candidate| !known.contains_key(&candidate.id()));
        there.chain(new.map(Party::new)).collect()
    }

    async fn store(
        &self,
        transaction: &mut PgTransaction<'_>,
        known: &BTreeMap<ApplicationId, Known>,
        parties: &[Party],
        decisions: &[Decision],
    ) -> Result<Round, StoreError> {
        let decided: HashMap<ApplicationId, (&Party, Decision)> = parties
            .iter()
            .zip(decisions)
            .map(|(party, decision)| (party.id, (party, *decision)))
            .collect();
        let new: Vec<NewRow<'_>> = self
            .candidates
            .iter()
            .filter(|candidate| !known.contains_key(&candidate.id()))
            .filter_map(|candidate| {
                let (party, decision) = *decided.get(&candidate.id())?;
                Some(NewRow {
                    registrable: *candidate,
                    party,
                    decision,
                })
            })
            .collect();
        let Some(inserted) = insert_new(transaction, &new).await? else {
            return Ok(Round::Taken);
        };
        insert_subjects(transaction, &new).await?;
        let registrations = self.compare(known, &inserted, &decided)?;
        record_receipts(transaction, self.batch, &registrations).await?;
        insert_batch_rows(transaction, self.batch).await?;
        change_decisions(transaction, parties, decisions, &self.versions()).await?;
        add_movements(
            transaction,
            &movements(parties.iter().zip(decisions.iter().copied())),
        )
        .await?;
        Ok(Round::Done(registrations))
    }

    /// The version of each benefit's file that the batch is decided with.
    fn versions(&self) -> HashMap<&str, &str> {
        let versions = self.candidates.iter().map(|candidate| {
            let benefit = candidate.application.application.benefit.as_str();
            (benefit, candidate.ruling.version.as_str())
        });
        versions.collect()
    }
}

async fn record_receipts(
    transaction: &mut PgTransaction<'_>,
    batch: &[Registrable<'_>],
    registrations: &[Registration],
) -> Result<(), StoreError> {
    let of = |arrival: Arrival| {
        let those = batch
            .iter()
            .zip(registrations)
            .filter(move |(_, r)| r.arrival == arrival);
        those
            .map(|(sent, _)| sent.application)
            .collect::<Vec<&AcceptedApplication>>()
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
