//! What is decided on the applications that concern some subjects: no database here.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sportello_domain::{
    ApplicationId, BenefitId, Claim, Incompatibilities, Outcome, Reason, Standing, Subject, decide,
};

use crate::batch::Registrable;
use crate::budgets::{Cut, key_text};
use crate::known::Known;

/// An application that takes part in the decision.
pub(crate) struct Party {
    pub(crate) id: ApplicationId,
    pub(crate) received_at: Timestamp,
    pub(crate) benefit: BenefitId,
    pub(crate) applicant: Subject,
    pub(crate) one_per: Vec<Subject>,
    pub(crate) closed: Option<Reason>,
    pub(crate) amount_cents: Option<i64>,
    pub(crate) budget: Option<String>,
    /// Whether it is decided for ever: see [`Verdict::is_settled`].
    pub(crate) settled: bool,
    /// What the register says of it so far, where it is there.
    pub(crate) before: Option<Decision>,
}

/// What the holder is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    pub(crate) reason: Reason,
    /// The application that stands in place of this one.
    pub(crate) standing: Option<ApplicationId>,
}

/// A verdict, and the place in the order of the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) turn: i64,
}

impl Verdict {
    /// Whether another application stands in its place that is not kept any more: nobody could decide on it anew.
    pub(crate) fn is_settled(&self) -> bool {
        self.standing.is_none() && [Outcome::Duplicate, Outcome::Incompatible].contains(&self.outcome)
    }

    /// Whether it has a claim on the budget.
    pub(crate) fn stands(&self) -> bool {
        [Reason::Regular, Reason::PastCap].contains(&self.reason)
    }
}

/// The place of an instant in the order of arrival: the database's function of the same name.
pub(crate) fn arrival_turn(received_at: Timestamp) -> i64 {
    i64::MIN.saturating_add(received_at.as_microsecond())
}

/// Whether a turn was drawn: turns of arrival are far below zero.
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
            amount_cents: candidate.ruling.amount_cents,
            budget: candidate.ruling.budget.as_ref().map(key_text),
            settled: false,
            before: None,
        }
    }

    /// One that is on the register, with the earliest receipt of its content.
    pub(crate) fn known(known: &Known, earlier: Option<&Registrable<'_>>) -> Self {
        let (received_at, closed) = earlier.map_or((known.received_at, known.closed()), |earlier| {
            (earlier.received_at(), earlier.ruling.closed)
        });
        let verdict = known.decision.verdict;
        let settled = verdict.is_settled();
        Self {
            id: known.id,
            received_at,
            benefit: known.benefit.clone(),
            applicant: known.applicant.clone(),
            one_per: known.one_per.clone(),
            // one that is settled never stands
            closed: if settled { Some(verdict.reason) } else { closed },
            amount_cents: known.amount_cents,
            budget: known.budget.clone(),
            settled,
            before: Some(known.decision),
        }
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

    fn decision(&self, standing: Standing, cuts: &HashMap<String, Cut>) -> Decision {
        if let Some(before) = self.before.filter(|_| self.settled) {
            return before;
        }
        let arrival = arrival_turn(self.received_at);
        let verdict = match standing {
            Standing::Stands => return self.within_or_past(arrival, cuts),
            Standing::Refused(reason) => (Outcome::Refused, reason, None),
            Standing::Duplicate(reason, id) => (Outcome::Duplicate, reason, Some(id)),
            Standing::Incompatible(id) => (Outcome::Incompatible, Reason::IncompatibleBenefit, Some(id)),
        };
        let (outcome, reason, standing) = verdict;
        Decision {
            verdict: Verdict {
                outcome,
                reason,
                standing,
            },
            turn: arrival,
        }
    }

    /// One that stood and stands keeps its side of the cut, unless its turn changed; one that is new is on the side
    /// of its turn. Where the cut has moved meanwhile, the next allotment puts it right.
    fn within_or_past(&self, arrival: i64, cuts: &HashMap<String, Cut>) -> Decision {
        if let Some(before) = self.before.filter(|before| before.verdict.stands())
            && (is_drawn(before.turn) || before.turn == arrival)
        {
            return before;
        }
        let cut = self.budget.as_ref().and_then(|budget| cuts.get(budget));
        let past = cut.filter(|cut| cut.is_before(arrival, self.id));
        Decision {
            verdict: Verdict {
                outcome: past.map_or(Outcome::Registered, |cut| cut.past_outcome),
                reason: past.map_or(Reason::Regular, |_| Reason::PastCap),
                standing: None,
            },
            turn: arrival,
        }
    }
}

/// The decisions on all parties, in their order.
pub(crate) fn decisions(
    parties: &[Party],
    incompatibilities: &Incompatibilities,
    cuts: &HashMap<String, Cut>,
) -> Vec<Decision> {
    let claims: Vec<_> = parties.iter().map(Party::claim).collect();
    let standings = decide(&claims, incompatibilities);
    parties
        .iter()
        .zip(standings)
        .map(|(party, standing)| party.decision(standing, cuts))
        .collect()
}

/// By how much the claims on each budget change, within it and past it, in cents.
pub(crate) fn movements<'a>(
    decided: impl Iterator<Item = (&'a Party, Decision)>,
) -> BTreeMap<&'a str, (i64, i64)> {
    let mut movements: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for (party, after) in decided {
        let (Some(budget), Some(amount)) = (&party.budget, party.amount_cents) else {
            continue;
        };
        let (within, past) = movements.entry(budget).or_default();
        let mut add = |verdict: Verdict, cents: i64| match verdict.reason {
            Reason::Regular => *within += cents,
            Reason::PastCap => *past += cents,
            Reason::SamePerson
            | Reason::SameSubject
            | Reason::IncompatibleBenefit
            | Reason::BeforeOpening
            | Reason::AfterClosing
            | Reason::OutsideWindow => {}
        };
        add(after.verdict, amount);
        if let Some(before) = party.before {
            add(before.verdict, -amount);
        }
    }
    movements.retain(|_, change| *change != (0, 0));
    movements
}
