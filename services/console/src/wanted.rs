//! How many workers are wanted now, and why.

use sportello_scaling::{Reason, TimeToDrain};

use crate::views::workers::HandNow;

/// The last decision of the automatic.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) workers: u16,
    pub(crate) why: Vec<Reason>,
    pub(crate) time_to_drain: TimeToDrain,
    pub(crate) hand: HandNow,
}
