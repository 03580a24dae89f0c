//! Decides on the applications that concern some subjects, without any database.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sportello_domain::{
    ApplicationId, BenefitId, Claim, Incompatibilities, Outcome, Reason, Standing, Subject, decide,
};

use crate::barrier::{Barrier, Queue, queues};
use crate::budgets::{Cut, key_text};
use crate::error::StoreError;
use crate::existing::{Existing, Place};
use crate::registrable::Registrable;

/// An application that takes part in the decision.
pub(crate) struct Party {
    pub(crate) id: ApplicationId,
    pub(crate) received_at: Timestamp,
    pub(crate) benefit: BenefitId,
    pub(crate) applicant: Subject,
    pub(crate) one_per: Vec<Subject>,
    pub(crate) closed: Option<Reason>,
    pub(crate) claim: BudgetClaim,
    /// Whether the decision is final: see [`Verdict::is_settled`].
    pub(crate) settled: bool,
    /// The register's current state of it, if it is there.
    pub(crate) before: Option<Before>,
}

/// The claim of a standing application on a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BudgetClaim {
    pub(crate) amount_cents: Option<i64>,
    pub(crate) budget: Option<String>,
}

/// The register's current state of an application.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    pub(crate) decision: Decision,
    pub(crate) claim: BudgetClaim,
    /// Queues that may wait behind it while it stands.
    pub(crate) queues: Vec<Queue>,
}

/// The decision that the holder sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    pub(crate) reason: Reason,
    /// The barrier that it waits behind, if it lost.
    pub(crate) barrier: Option<Barrier>,
}

/// A verdict, and the place in the order of the budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) turn: i64,
}

impl Verdict {
    /// Returns whether it lost to an application that is no longer kept: a new decision is
    /// impossible.
    pub(crate) fn is_settled(&self) -> bool {
        self.barrier.is_none() && [Outcome::Duplicate, Outcome::Incompatible].contains(&self.outcome)
    }

    /// Returns whether it has a claim on the budget.
    pub(crate) fn stands(&self) -> bool {
        [Reason::Regular, Reason::PastCap].contains(&self.reason)
    }

    /// Returns whether its holder sees no difference.
    pub(crate) fn reads_as(&self, other: &Self) -> bool {
        (self.outcome, self.reason) == (other.outcome, other.reason)
    }
}

/// Returns the place of an instant in the order of arrival, as the database's function of that
/// name.
pub(crate) fn arrival_turn(received_at: Timestamp) -> i64 {
    i64::MIN.saturating_add(received_at.as_microsecond())
}

/// Returns whether a turn was drawn: turns of arrival are far below zero.
fn is_drawn(turn: i64) -> bool {
    turn >= 0
}

impl Party {
    pub(crate) fn new(candidate: &Registrable<'_>) -> Self {
        Self {
            id: candidate.id(),
            received_at: candidate.received_at(),
            benefit: candidate.application.application.benefit.clone(),
            applicant: candidate.applicant(),
            one_per: candidate.one_per(),
            closed: candidate.ruling.closed,
            claim: BudgetClaim {
                amount_cents: candidate.ruling.amount_cents,
                budget: candidate.ruling.budget.as_ref().map(key_text),
            },
            settled: false,
            before: None,
        }
    }

    /// Makes a party of an application on the register.
    pub(crate) fn existing(existing: &Existing) -> Self {
        let verdict = &existing.decision.verdict;
        let settled = verdict.is_settled();
        let claim = BudgetClaim {
            amount_cents: existing.amount_cents,
            budget: existing.budget.clone(),
        };
        Self {
            id: existing.id,
            received_at: existing.received_at,
            benefit: existing.benefit.clone(),
            applicant: existing.applicant.clone(),
            one_per: existing.one_per.clone(),
            // a settled application never stands
            closed: if settled {
                Some(verdict.reason)
            } else {
                existing.closed()
            },
            claim: claim.clone(),
            settled,
            before: Some(Before {
                decision: existing.decision.clone(),
                claim,
                queues: queues(&existing.benefit, &existing.applicant, &existing.one_per),
            }),
        }
    }

    /// Makes a party of an application on the register whose content was received earlier.
    pub(crate) fn received_earlier(existing: &Existing, earlier: &Registrable<'_>) -> Self {
        let party = Self::existing(existing);
        let keeps = party.settled || existing.is_withdrawn();
        Self {
            received_at: earlier.received_at(),
            closed: if keeps {
                party.closed
            } else {
                earlier.ruling.closed
            },
            ..party
        }
    }

    /// Makes a party of an application on the register that another content, received earlier,
    /// replaces.
    pub(crate) fn replaced(existing: &Existing, content: &Registrable<'_>) -> Self {
        let (party, new) = (Self::existing(existing), Self::new(content));
        let keeps = party.settled || existing.is_withdrawn();
        Self {
            closed: if keeps { party.closed } else { new.closed },
            settled: party.settled,
            before: party.before,
            ..new
        }
    }

    /// Marks the party as withdrawn by a holder.
    pub(crate) fn withdrawn(self, reason: Reason) -> Self {
        Self {
            closed: Some(reason),
            settled: false,
            ..self
        }
    }

    pub(crate) fn place(&self) -> Place {
        (self.received_at, self.id)
    }

    pub(crate) fn subjects(&self) -> impl Iterator<Item = &Subject> {
        std::iter::once(&self.applicant).chain(&self.one_per)
    }

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

/// The applications that take part, by id.
pub(crate) type Parties = BTreeMap<ApplicationId, Party>;

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
