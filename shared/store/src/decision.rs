//! Decides on the applications that concern some subjects, without any database.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sportello_domain::{Claim, Incompatibilities, Outcome, Reason, Standing, decide};

use crate::budgets::Cut;
use crate::error::StoreError;
use crate::party::{Before, BudgetClaim, Parties, Party};
use crate::verdict::{Decision, Verdict};

/// Returns the place of an instant in the order of arrival, as the database's function of that
/// name.
fn arrival_turn(received_at: Timestamp) -> i64 {
    i64::MIN.saturating_add(received_at.as_microsecond())
}

/// Returns whether a turn was drawn: turns of arrival are far below zero.
fn is_drawn(turn: i64) -> bool {
    turn >= 0
}

impl Party {
    fn claim(&self) -> Claim<'_> {
        Claim {
            id: self.id,
            received_at: self.received_at,
            benefit: &self.benefit,
            applicant: self.applicant.clone(),
            one_per: &self.one_per,
            closed: self.closed,
        }
    }

    fn decision(
        &self,
        standing: Standing,
        parties: &Parties,
        cuts: &HashMap<String, Cut>,
    ) -> Result<Decision, StoreError> {
        if let Some(before) = self.before.as_ref().filter(|_| self.settled) {
            return Ok(before.decision.clone());
        }
        let turn = arrival_turn(self.received_at);
        let (outcome, reason, earlier) = match standing {
            Standing::Stands => return Ok(self.within_or_past(turn, cuts)),
            Standing::Refused(reason) => (outcome_without_others(reason), reason, None),
            Standing::Duplicate(reason, id) => (Outcome::Duplicate, reason, Some(id)),
            Standing::Incompatible(id) => (Outcome::Incompatible, Reason::IncompatibleBenefit, Some(id)),
        };
        let barrier = earlier.map(|id| {
            let barrier = parties
                .get(&id)
                .and_then(|earlier| self.barrier(outcome, earlier));
            barrier.ok_or_else(|| {
                StoreError::Retry(format!("the application in the way of {} vanished", self.id))
            })
        });
        Ok(Decision {
            verdict: Verdict {
                outcome,
                reason,
                barrier: barrier.transpose()?,
            },
            turn,
        })
    }

    /// Returns the side of the cut. An application that stood and stands keeps its side unless its
    /// turn or claim changed; a new one gets the side of its turn. The next allotment corrects it
    /// if the cut has moved meanwhile.
    fn within_or_past(&self, arrival: i64, cuts: &HashMap<String, Cut>) -> Decision {
        let same = |before: &&Before| {
            let turn = before.decision.turn;
            before.decision.verdict.stands()
                && before.claim == self.claim
                && (is_drawn(turn) || turn == arrival)
        };
        if let Some(before) = self.before.as_ref().filter(same) {
            return before.decision.clone();
        }
        let cut = self.claim.budget.as_ref().and_then(|budget| cuts.get(budget));
        let past = cut.filter(|cut| cut.is_before(arrival, self.id));
        Decision {
            verdict: Verdict {
                outcome: past.map_or(Outcome::Registered, |cut| cut.past_outcome),
                reason: past.map_or(Reason::Regular, |_| Reason::PastCap),
                barrier: None,
            },
            turn: arrival,
        }
    }
}

/// Returns the outcome of an application that can't stand, whatever the others.
fn outcome_without_others(reason: Reason) -> Outcome {
    if [Reason::WithdrawnByApplicant, Reason::WithdrawnBySubmitter].contains(&reason) {
        Outcome::Withdrawn
    } else {
        Outcome::Refused
    }
}

/// Returns the standings of all parties, in order of id.
pub(crate) fn standings(parties: &Parties, incompatibilities: &Incompatibilities) -> Vec<Standing> {
    let claims: Vec<_> = parties.values().map(Party::claim).collect();
    decide(&claims, incompatibilities)
}

/// Returns the decisions on all parties, in order of id.
pub(crate) fn decisions(
    parties: &Parties,
    standings: Vec<Standing>,
    cuts: &HashMap<String, Cut>,
) -> Result<Vec<Decision>, StoreError> {
    let decided = parties.values().zip(standings);
    decided
        .map(|(party, standing)| party.decision(standing, parties, cuts))
        .collect()
}

/// Returns the change of the claims on each budget, within and past it, in cents.
pub(crate) fn movements<'a>(
    decided: impl Iterator<Item = (&'a Party, &'a Decision)>,
) -> BTreeMap<&'a str, (i64, i64)> {
    let mut movements: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let mut add = |claim: &'a BudgetClaim, verdict: &Verdict, sign: i64| {
        let (Some(budget), Some(amount)) = (&claim.budget, claim.amount_cents) else {
            return;
        };
        let (within, past) = movements.entry(budget).or_default();
        match verdict.reason {
            Reason::Regular => *within += sign * amount,
            Reason::PastCap => *past += sign * amount,
            Reason::SamePerson
            | Reason::SameSubject
            | Reason::IncompatibleBenefit
            | Reason::BeforeOpening
            | Reason::AfterClosing
            | Reason::OutsideWindow
            | Reason::KeyReused
            | Reason::WithdrawnByApplicant
            | Reason::WithdrawnBySubmitter => {}
        }
    };
    for (party, after) in decided {
        add(&party.claim, &after.verdict, 1);
        if let Some(before) = &party.before {
            add(&before.claim, &before.decision.verdict, -1);
        }
    }
    movements.retain(|_, change| *change != (0, 0));
    movements
}
