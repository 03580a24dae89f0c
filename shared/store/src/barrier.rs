//! The barrier that an application lost to. Its name stays true when another application takes that
//! place.

use sportello_domain::{BenefitId, Outcome, Subject};

/// A benefit and a subject. Any application for the benefit that stands for the subject blocks
/// those that wait behind it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Barrier {
    pub(crate) benefit: BenefitId,
    pub(crate) subject: Subject,
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
