//! The decision on an application, as the register keeps it.

use sportello_domain::{Outcome, Reason};

use crate::barrier::Barrier;

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
