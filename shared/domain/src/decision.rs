//! Decides which of several applications stand.
//!
//! The decision is a pure function of the set of applications: deciding again on all connected
//! applications gives the same answer, in whatever order and batches the queue delivers them. Two
//! applications are connected if they share a subject, or if a third is connected with both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use crate::identifiers::BenefitId;
use crate::ids::ApplicationId;
use crate::reason::Reason;
use crate::ruling::Subject;

/// The parts of an application that a decision needs.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// Its id.
    pub id: ApplicationId,
    /// When it was received. The earliest stands; at the same instant, the one with the lower id.
    pub received_at: Timestamp,
    /// The benefit.
    pub benefit: &'a BenefitId,
    /// The applicant.
    pub applicant: Subject,
    /// The subjects for which the benefit is given once.
    pub one_per: &'a [Subject],
    /// Why it can't stand regardless of other applications: the benefit was closed when it was
    /// received, or it is withdrawn.
    pub closed: Option<Reason>,
}

/// Whether an application stands, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It stands: the budget decides between registered and past the cap.
    Stands,
    /// The benefit was closed when it was received, or it is withdrawn.
    Refused(Reason),
    /// This earlier application for the same benefit and subject stands.
    Duplicate(Reason, ApplicationId),
    /// This earlier application for an incompatible benefit stands.
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

    /// Returns the benefits that exclude this one.
    pub fn excluded(&self, benefit: &BenefitId) -> impl Iterator<Item = &BenefitId> {
        self.0.get(benefit).into_iter().flatten()
    }

    /// Whether the two benefits exclude each other.
    #[must_use]
    pub fn exclude(&self, one: &BenefitId, other: &BenefitId) -> bool {
        self.0.get(one).is_some_and(|excluded| excluded.contains(other))
    }
}

/// Decides on applications, and returns their standings in the order given. `claims` must contain
/// each application once, and all that are connected with them.
///
/// Leaving out a connected application may change the answer: an application that excludes another
/// may itself be excluded. The answer does not depend on the order of the claims.
///
/// In order of receipt, an application stands unless the benefit was closed, it is withdrawn, or an
/// application that already stands excludes it. That one is for the same benefit and a subject of
/// its `one_per`, or for an excluding benefit and one of its subjects (the applicant included).
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
            // the earlier application may name this applicant as one of its subjects
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
