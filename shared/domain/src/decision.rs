//! Which of several applications stands.
//!
//! The decision is a pure function of the set of applications: whatever order the queue delivers them in, and however
//! they fall into batches, deciding anew on all that are connected gives the same answer. Two applications are
//! connected where they share a subject, or where a third is connected with both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use crate::identifiers::BenefitId;
use crate::ids::ApplicationId;
use crate::reason::Reason;
use crate::ruling::Subject;

/// What deciding needs to know of an application.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// Its id.
    pub id: ApplicationId,
    /// When it was received. The earliest stands; of two received at the same instant, the one with the lower id.
    pub received_at: Timestamp,
    /// What it asks for.
    pub benefit: &'a BenefitId,
    /// The applicant.
    pub applicant: Subject,
    /// The subjects that the benefit is given for once.
    pub one_per: &'a [Subject],
    /// Why the benefit was closed when it was received, where it was.
    pub closed: Option<Reason>,
}

/// Whether an application stands, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It stands: the budget decides between registered and past the cap.
    Stands,
    /// The benefit was closed when it was received.
    Refused(Reason),
    /// An earlier application for the same benefit and subject stands: that one.
    Duplicate(Reason, ApplicationId),
    /// An earlier application for an incompatible benefit stands: that one.
    Incompatible(ApplicationId),
}

/// Pairs of benefits that exclude each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incompatibilities(BTreeMap<BenefitId, BTreeSet<BenefitId>>);

impl Incompatibilities {
    /// Adds a pair, in both directions.
    pub fn insert(&mut self, one: BenefitId, other: BenefitId) {
        self.0.entry(one.clone()).or_default().insert(other.clone());
        self.0.entry(other).or_default().insert(one);
    }

    /// Whether one excludes the other.
    #[must_use]
    pub fn exclude(&self, one: &BenefitId, other: &BenefitId) -> bool {
        self.0.get(one).is_some_and(|excluded| excluded.contains(other))
    }
}

/// Decides on some applications, each there once, and all that are connected with them, answering in the order given.
///
/// Leaving out a connected one may change the answer: what stands in an application's way may itself have one in its
/// way. All that the answer depends on are the claims; their order in the slice is nothing.
///
/// In order of receipt, an application stands unless the benefit was closed, or one that stands already has a subject
/// of its `one_per` for the same benefit, or concerns one of its subjects (the applicant included) and is for a benefit
/// that excludes this one.
#[must_use]
pub fn decide(claims: &[Claim<'_>], incompatibilities: &Incompatibilities) -> Vec<Standing> {
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_by_key(|&index| (claims[index].received_at, claims[index].id));
    let mut standings = vec![Standing::Stands; claims.len()];
    let mut standing: HashMap<&Subject, Vec<&Claim<'_>>> = HashMap::new();
    for index in order {
        let claim = &claims[index];
        standings[index] = judge(claim, &standing, incompatibilities);
        if standings[index] == Standing::Stands {
            for subject in subjects(claim) {
                standing.entry(subject).or_default().push(claim);
            }
        }
    }
    standings
}

/// The applicant and the subjects of `one_per`.
fn subjects<'a>(claim: &'a Claim<'_>) -> impl Iterator<Item = &'a Subject> {
    let others = claim
        .one_per
        .iter()
        .filter(|subject| **subject != claim.applicant);
    std::iter::once(&claim.applicant).chain(others)
}

fn judge(
    claim: &Claim<'_>,
    standing: &HashMap<&Subject, Vec<&Claim<'_>>>,
    incompatibilities: &Incompatibilities,
) -> Standing {
    if let Some(reason) = claim.closed {
        return Standing::Refused(reason);
    }
    let of = |subject| standing.get(subject).into_iter().flatten();
    for subject in claim.one_per {
        if let Some(earlier) =
            of(subject).find(|earlier| earlier.benefit == claim.benefit && earlier.one_per.contains(subject))
        {
            // the other may have named this applicant as one of its subjects
            let same_person = *subject == claim.applicant && *subject == earlier.applicant;
            let reason = if same_person {
                Reason::SamePerson
            } else {
                Reason::SameSubject
            };
            return Standing::Duplicate(reason, earlier.id);
        }
    }
    subjects(claim)
        .flat_map(of)
        .find(|earlier| incompatibilities.exclude(claim.benefit, earlier.benefit))
        .map_or(Standing::Stands, |earlier| Standing::Incompatible(earlier.id))
}

#[cfg(test)]
mod tests;
