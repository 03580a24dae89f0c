//! Finds everything that a transaction changes: reads what may change, decides, and continues until
//! nothing more is needed.
//!
//! An application that lost stays lost while an earlier one holds its barrier. So of each subject
//! only the standing applications are read, and where one falls, the next in its queue.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use sportello_domain::{ApplicationId, Incompatibilities, Standing, Subject};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::barrier::{Barrier, Queue};
use crate::decision::standings;
use crate::error::StoreError;
use crate::existing::{Existing, Place, standing, waiting};
use crate::party::{Parties, Party, barriers};

/// Everything that takes part in a decision.
pub(crate) struct Deliberation<'a> {
    pub(crate) existing: BTreeMap<ApplicationId, Existing>,
    pub(crate) parties: Parties,
    /// Applications on the register that the transaction itself changes.
    pub(crate) changed: BTreeSet<ApplicationId>,
    pub(crate) incompatibilities: &'a Incompatibilities,
    /// Applications to read from a queue at once.
    pub(crate) step: i64,
    /// The subjects that existed before; new ones have nothing on the register.
    pub(crate) with_history: HashSet<&'a str>,
    /// Barriers whose standing applications are read.
    pub(crate) read: BTreeSet<Barrier>,
    /// The place up to which each queue is read.
    pub(crate) read_until: BTreeMap<Queue, Place>,
}

impl Deliberation<'_> {
    /// Returns the standings once nothing more has to be read, or the subjects to lock first.
    pub(crate) async fn conclude(
        &mut self,
        transaction: &mut PgTransaction<'_>,
        locked: &BTreeSet<Subject>,
    ) -> Result<Result<Vec<Standing>, BTreeSet<Subject>>, StoreError> {
        self.read_standing(transaction, self.parties.keys().copied().collect())
            .await?;
        loop {
            let standings = standings(&self.parties, self.incompatibilities);
            let unlocked = self.unlocked(&standings, locked);
            if !unlocked.is_empty() {
                return Ok(Err(unlocked));
            }
            let mut more = false;
            for queue in self.vacated(&standings) {
                let holder = self.holder(&queue, &standings);
                more |= self.read_on(transaction, queue, holder).await?;
            }
            if !more {
                return Ok(Ok(standings));
            }
        }
    }

    /// Reads the standing applications at the barriers of these parties.
    async fn read_standing(
        &mut self,
        transaction: &mut PgTransaction<'_>,
        those: Vec<ApplicationId>,
    ) -> Result<(), StoreError> {
        let those = those.iter().filter_map(|id| self.parties.get(id));
        let barriers = those.flat_map(|party| barriers(party, self.incompatibilities));
        let unread: BTreeSet<Barrier> = barriers
            .filter(|barrier| self.with_history.contains(barrier.subject.as_str()))
            .filter(|barrier| !self.read.contains(barrier))
            .collect();
        for (id, existing) in standing(transaction, &unread).await? {
            self.parties
                .entry(id)
                .or_insert_with(|| Party::existing(&existing));
            self.existing.entry(id).or_insert(existing);
        }
        self.read.extend(unread);
        Ok(())
    }

    /// Returns the unlocked subjects of applications that fall, and of those read because others
    /// fall.
    fn unlocked(&self, standings: &[Standing], locked: &BTreeSet<Subject>) -> BTreeSet<Subject> {
        let touched = self.parties.values().zip(standings).filter(|(party, standing)| {
            let stood = party
                .before
                .as_ref()
                .map(|before| before.decision.verdict.stands());
            // an application that stood and stands is not touched
            self.changed.contains(&party.id)
                || stood.is_some_and(|stood| !stood || **standing != Standing::Stands)
        });
        let subjects = touched.flat_map(|(party, _)| {
            let before = self
                .existing
                .get(&party.id)
                .into_iter()
                .flat_map(Existing::subjects);
            before.chain(party.subjects())
        });
        subjects
            .filter(|subject| !locked.contains(subject))
            .cloned()
            .collect()
    }

    /// Returns the queues whose present holder gives them up.
    fn vacated(&self, standings: &[Standing]) -> BTreeSet<Queue> {
        let mut vacated = BTreeSet::new();
        for (party, standing) in self.parties.values().zip(standings) {
            let Some(before) = party
                .before
                .as_ref()
                .filter(|before| before.decision.verdict.stands())
            else {
                continue;
            };
            let holds = |queue: &&Queue| *standing == Standing::Stands && party.holds(queue);
            vacated.extend(before.queues.iter().filter(|queue| !holds(queue)).cloned());
        }
        vacated
    }

    /// Returns the first standing application at the head of a queue.
    fn holder(&self, queue: &Queue, standings: &[Standing]) -> Option<Place> {
        let standing = self.parties.values().zip(standings);
        standing
            .filter(|(party, standing)| **standing == Standing::Stands && party.holds(queue))
            .map(|(party, _)| party.place())
            .min()
    }

    /// Reads the next applications of a queue up to its holder. Returns whether there were any.
    async fn read_on(
        &mut self,
        transaction: &mut PgTransaction<'_>,
        queue: Queue,
        holder: Option<Place>,
    ) -> Result<bool, StoreError> {
        let end = (Timestamp::MAX, ApplicationId::from(Uuid::max()));
        let until = holder.unwrap_or(end);
        let after = self.read_until.get(&queue).copied();
        if after.is_some_and(|after| after >= until) {
            return Ok(false);
        }
        let (barrier, outcome) = &queue;
        let next = waiting(transaction, barrier, *outcome, after, holder, self.step).await?;
        let last = next
            .values()
            .map(|existing| (existing.received_at, existing.id))
            .max();
        let is_full = i64::try_from(next.len()).is_ok_and(|read| read >= self.step);
        let read_until = last.filter(|_| is_full).unwrap_or(until);
        self.read_until.insert(queue, read_until);
        let mut new = Vec::new();
        for (id, existing) in next {
            if let Entry::Vacant(place) = self.parties.entry(id) {
                place.insert(Party::existing(&existing));
                self.existing.insert(id, existing);
                new.push(id);
            }
        }
        // the next round decides on those read; if all were known, later ones may still be needed
        let more = is_full || !new.is_empty();
        self.read_standing(transaction, new).await?;
        Ok(more)
    }
}
