//! The barrier that an application lost to. Its name stays true when another application takes that
//! place.

use sportello_domain::{BenefitId, Incompatibilities, Outcome, Subject};

use crate::decision::Party;

/// A benefit and a subject. Any application for the benefit that stands for the subject blocks
/// those that wait behind it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Barrier {
    pub(crate) benefit: BenefitId,
    pub(crate) subject: Subject,
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

/// A barrier, and the outcome of those that wait behind it: `duplicate` or `incompatible`.
pub(crate) type Queue = (Barrier, Outcome);

/// Returns the queues that may wait behind an application for this benefit with these subjects.
pub(crate) fn queues(benefit: &BenefitId, applicant: &Subject, one_per: &[Subject]) -> Vec<Queue> {
    let barrier = |subject: &Subject| Barrier {
        benefit: benefit.clone(),
        subject: subject.clone(),
    };
    let duplicates = one_per
        .iter()
        .map(|subject| (barrier(subject), Outcome::Duplicate));
    let all = std::iter::once(applicant).chain(one_per.iter().filter(|subject| *subject != applicant));
    let incompatible = all.map(|subject| (barrier(subject), Outcome::Incompatible));
    duplicates.chain(incompatible).collect()
}

impl Party {
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
