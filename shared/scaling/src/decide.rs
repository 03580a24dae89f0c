//! The decision.

use serde::Serialize;
use utoipa::ToSchema;

use crate::calendar::Raise;
use crate::load::Load;
use crate::observed::Observed;
use crate::policy::Policy;
use crate::reason::Reason;
use crate::state::State;
use crate::target::{Manual, Target};
use crate::time_to_drain::TimeToDrain;

/// What a decision looks at.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The bounds.
    pub policy: &'a Policy,
    /// What the number has to reach.
    pub target: Target,
    /// An operator's number, if there is one.
    pub manual: Option<Manual>,
    /// The raise that the calendar has now.
    pub raise: Option<&'a Raise>,
    /// What waits and comes; `None` while it can't be read.
    pub load: Option<&'a Load>,
    /// What the hand sees; `None` while it can't be read.
    pub observed: Option<&'a Observed>,
}

/// What is wanted, what runs and why: shown together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Decision {
    /// Workers that are wanted.
    pub wanted: u16,
    /// Workers that run; `None` while that can't be read.
    pub running: Option<u16>,
    /// What the hand is to be given now, if anything.
    pub order: Option<u16>,
    /// Why, the first reason first.
    pub why: Vec<Reason>,
    /// How long until nothing waits.
    pub time_to_drain: TimeToDrain,
}
