//! How many workers are wanted now, and why.

use sportello_scaling::{Reason, TimeToDrain};

/// The last decision of the automatic.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) workers: u16,
    pub(crate) why: Vec<Reason>,
    pub(crate) time_to_drain: TimeToDrain,
}
