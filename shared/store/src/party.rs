//! An application that takes part in a decision: new, or on the register.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sportello_domain::{ApplicationId, BenefitId, Incompatibilities, Outcome, Reason, Subject};

use crate::barrier::{Barrier, Queue, queues};
use crate::budgets::key_text;
use crate::existing::{Existing, Place};
use crate::registrable::Registrable;
use crate::verdict::Decision;

/// An application that takes part in the decision.
pub(crate) struct Party {
    pub(crate) id: ApplicationId,
    pub(crate) received_at: Timestamp,
    pub(crate) benefit: BenefitId,
    pub(crate) applicant: Subject,
    pub(crate) one_per: Vec<Subject>,
    pub(crate) closed: Option<Reason>,
    pub(crate) claim: BudgetClaim,
    /// Whether the decision is final: see `Verdict::is_settled`.
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

/// The applications that take part, by id.
pub(crate) type Parties = BTreeMap<ApplicationId, Party>;

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

    /// Returns the barrier that an application with this outcome waits behind when `earlier` blocks
    /// it: the first subject that both share, in the order of decision.
    pub(crate) fn barrier(&self, outcome: Outcome, earlier: &Self) -> Option<Barrier> {
        let among = |theirs: &Self, subject: &Subject| {
            theirs.one_per.contains(subject)
                || outcome == Outcome::Incompatible && theirs.applicant == *subject
        };
        let applicant = (outcome == Outcome::Incompatible).then_some(&self.applicant);
        let mut subjects = applicant.into_iter().chain(&self.one_per);
        let subject = subjects.find(|subject| among(earlier, subject))?;
        Some(Barrier {
            benefit: earlier.benefit.clone(),
            subject: subject.clone(),
        })
    }

    /// Returns whether this application, where it stands, blocks later ones in the queue.
    pub(crate) fn holds(&self, (barrier, outcome): &Queue) -> bool {
        self.benefit == barrier.benefit
            && (self.one_per.contains(&barrier.subject)
                || *outcome == Outcome::Incompatible && self.applicant == barrier.subject)
    }
}

/// Returns the barriers at which this application and others may block each other.
pub(crate) fn barriers(party: &Party, incompatibilities: &Incompatibilities) -> Vec<Barrier> {
    let barrier = |benefit: &BenefitId, subject: &Subject| Barrier {
        benefit: benefit.clone(),
        subject: subject.clone(),
    };
    let same = party
        .one_per
        .iter()
        .map(|subject| barrier(&party.benefit, subject));
    let excluded = party.subjects().flat_map(|subject| {
        let benefits = incompatibilities.excluded(&party.benefit);
        benefits.map(|benefit| barrier(benefit, subject))
    });
    same.chain(excluded).collect()
}
