//! One attempt of a transaction: locks, reads, decides and writes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sportello_domain::{ApplicationId, Reason, Subject};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::batch::NewRow;
use crate::budgets::cuts;
use crate::contents::Change;
use crate::decision::decisions;
use crate::deliberation::Deliberation;
use crate::error::StoreError;
use crate::existing::{Existing, load, lock};
use crate::party::{Parties, Party};
use crate::statements::insert_new;
use crate::subjects::{Hold, hold_organisations, lock_subjects};
use crate::verdict::Decision;
use crate::withdraw::{pending, remove_pending};
use crate::work::{Decided, Work};
use crate::write::Done;

/// Applications read from a queue at first, when the one in front falls. Each round reads twice as
/// many.
const FIRST_STEP: i64 = 8;

/// End of an attempt.
pub(crate) enum Round {
    Done(Done),
    /// Store nothing; start again with these subjects too.
    Again(BTreeSet<Subject>),
    /// Store nothing: a subject was forgotten meanwhile. Start again with the transaction's own
    /// subjects.
    Afresh,
    /// Store nothing: an id that was not looked for exists. Start again and look for all.
    Taken,
}

/// Which ids to look for before inserting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Ids of existing persons and subjects. A redelivery concerns the same subjects, so this
    /// misses only an id used for another person, which the primary key then refuses.
    ForKnownPersons,
    ForAll,
}

impl<'a> Work<'a> {
    pub(crate) async fn round(
        &self,
        transaction: &mut PgTransaction<'_>,
        subjects: &BTreeSet<Subject>,
        look: Look,
        round: u32,
    ) -> Result<Round, StoreError> {
        let hold = if self.batch.is_empty() {
            Hold::Withdrawing
        } else {
            Hold::Registering
        };
        hold_organisations(transaction, &self.organisations, hold).await?;
        let Some(with_history) = lock_subjects(transaction, &self.own, subjects).await? else {
            return Ok(Round::Afresh);
        };
        let ids = self.ids(look, &with_history);
        let existing = load(transaction, &ids).await?;
        let changes = self.changes(&existing)?;
        let withdrawn = self.withdrawn(&existing);
        let mut parties = parties(&existing, &changes, &withdrawn);
        let changed = changes.keys().chain(withdrawn.keys()).copied().collect();
        self.add_new(transaction, &existing, &mut parties, &with_history)
            .await?;
        let mut deliberation = Deliberation {
            existing,
            parties,
            changed,
            incompatibilities: self.incompatibilities,
            step: FIRST_STEP << round,
            with_history: with_history.iter().copied().collect(),
            read: BTreeSet::new(),
            read_until: BTreeMap::new(),
        };
        let standings = match deliberation.conclude(transaction, subjects).await? {
            Ok(standings) => standings,
            Err(unlocked) => return Ok(Round::Again(unlocked)),
        };
        let Deliberation {
            existing,
            mut parties,
            changed,
            ..
        } = deliberation;
        let budgets = parties.values().filter_map(|party| party.claim.budget.as_deref());
        let cuts = cuts(transaction, &budgets.collect()).await?;
        let decided = decisions(&parties, standings.clone(), &cuts)?;
        lock_changed(transaction, &mut parties, &decided, &changed).await?;
        let decided = Decided {
            decisions: decisions(&parties, standings, &cuts)?,
            existing,
            changes,
            parties,
        };
        self.store(transaction, &decided, &with_history).await
    }

    /// Returns the ids to look for, given the subjects that existed before.
    fn ids(&self, look: Look, with_history: &[&str]) -> Vec<Uuid> {
        let withdrawn = self.withdrawals.iter().map(|one| *one.application_id.as_uuid());
        if look == Look::ForKnownPersons && with_history.is_empty() {
            return withdrawn.collect();
        }
        let with_history: HashSet<&str> = with_history.iter().copied().collect();
        let is_existing = |subject: &Subject| with_history.contains(subject.as_str());
        let sought = self.delivered.iter().filter(|(_, delivered)| {
            look == Look::ForAll
                || delivered.contents().any(|content| {
                    is_existing(&content.applicant()) || content.one_per().iter().any(is_existing)
                })
        });
        sought.map(|(id, _)| *id.as_uuid()).chain(withdrawn).collect()
    }

    /// Returns the changes to applications on the register.
    fn changes(
        &self,
        existing: &BTreeMap<ApplicationId, Existing>,
    ) -> Result<BTreeMap<ApplicationId, Change<'a>>, StoreError> {
        let mut changes = BTreeMap::new();
        for (id, delivered) in &self.delivered {
            if let Some(existing) = existing.get(id)
                && let Some(change) = delivered.change(existing)?
            {
                changes.insert(*id, change);
            }
        }
        Ok(changes)
    }

    /// Returns the applications that a holder withdraws now.
    fn withdrawn(&self, existing: &BTreeMap<ApplicationId, Existing>) -> BTreeMap<ApplicationId, Reason> {
        let mut withdrawn = BTreeMap::new();
        for one in self.withdrawals {
            let there = existing.get(&one.application_id);
            let reason = there
                .filter(|existing| !existing.is_withdrawn())
                .and_then(|existing| existing.withdrawn_by(one.by.channel().as_str(), one.by.as_str()));
            if let Some(reason) = reason {
                withdrawn.entry(one.application_id).or_insert(reason);
            }
        }
        withdrawn
    }

    /// Adds applications that are new, already withdrawn if a holder asked for it before.
    async fn add_new(
        &self,
        transaction: &mut PgTransaction<'_>,
        existing: &BTreeMap<ApplicationId, Existing>,
        parties: &mut Parties,
        with_history: &[&str],
    ) -> Result<(), StoreError> {
        let new = self.firsts().filter(|first| !existing.contains_key(&first.id()));
        parties.extend(new.map(|first| (first.id(), Party::new(first))));
        // a citizen who withdrew is an existing subject
        if with_history.is_empty() && self.organisations.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = self.delivered.keys().map(|id| *id.as_uuid()).collect();
        let mut effective = Vec::new();
        for pending in pending(transaction, &ids).await? {
            let first = self.delivered.get(&pending.id).map(|delivered| &delivered.first);
            let reason = first.and_then(|first| first.withdrawn_by(&pending.channel, &pending.requester));
            if let Some(reason) = reason
                && let Some(party) = parties.get_mut(&pending.id)
            {
                party.closed = Some(reason);
                effective.push(pending);
            }
        }
        remove_pending(transaction, &effective).await
    }

    async fn store(
        &self,
        transaction: &mut PgTransaction<'_>,
        decided: &Decided<'a>,
        with_history: &[&str],
    ) -> Result<Round, StoreError> {
        let decisions: HashMap<ApplicationId, (&Party, &Decision)> = decided
            .decided()
            .map(|(party, decision)| (party.id, (party, decision)))
            .collect();
        let mut new = Vec::new();
        for first in self
            .firsts()
            .filter(|first| !decided.existing.contains_key(&first.id()))
        {
            let id = first.id();
            let decision = decisions.get(&id).ok_or_else(|| StoreError::vanished(id))?;
            new.push(NewRow {
                registrable: *first,
                party: decision.0,
                decision: decision.1,
            });
        }
        let Some(inserted) = insert_new(transaction, &new).await? else {
            return Ok(Round::Taken);
        };
        self.write(transaction, decided, &new, &decisions, &inserted, with_history)
            .await
            .map(Round::Done)
    }
}

/// Returns the existing applications that stand or change. The others have lost and stay so.
fn parties(
    existing: &BTreeMap<ApplicationId, Existing>,
    changes: &BTreeMap<ApplicationId, Change<'_>>,
    withdrawn: &BTreeMap<ApplicationId, Reason>,
) -> Parties {
    let mut parties = Parties::new();
    for (id, existing) in existing {
        let party = match changes.get(id) {
            Some(Change::Earlier(earlier)) => Party::received_earlier(existing, earlier),
            Some(Change::Replaced(content)) => Party::replaced(existing, content),
            None => Party::existing(existing),
        };
        match withdrawn.get(id) {
            Some(&reason) => drop(parties.insert(*id, party.withdrawn(reason))),
            None if changes.contains_key(id) || existing.decision.verdict.stands() => {
                parties.insert(*id, party);
            }
            None => {}
        }
    }
    parties
}

/// Locks the applications that change, and reads their current decision.
async fn lock_changed(
    transaction: &mut PgTransaction<'_>,
    parties: &mut Parties,
    decisions: &[Decision],
    changed: &BTreeSet<ApplicationId>,
) -> Result<(), StoreError> {
    let differs = |party: &Party, after: &Decision| {
        let before = party.before.as_ref();
        before.is_some_and(|before| changed.contains(&party.id) || before.decision != *after)
    };
    let those = parties.values().zip(decisions);
    let ids: Vec<Uuid> = those
        .filter(|(party, after)| differs(party, after))
        .map(|(party, _)| *party.id.as_uuid())
        .collect();
    for (id, existing) in lock(transaction, &ids).await? {
        let before = parties.get_mut(&id).and_then(|party| party.before.as_mut());
        before.ok_or_else(|| StoreError::vanished(id))?.decision = existing.decision;
    }
    Ok(())
}
