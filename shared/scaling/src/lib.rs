//! How many workers are wanted and why, and the hands that start and stop them.
//!
//! [`decide`] is a pure function: it reads no clock and no server, and keeps its [`State`] outside.
//! [`Drain::measure`] makes the measured drain from samples, [`Arrivals`] what comes, and
//! [`Calendar`] reads the openings of the catalogue. A [`Hand`] carries the number out and decides
//! nothing; an [`Agent`] does so beside Docker's socket, where the console must not be.

mod agent;
mod arrivals;
mod calendar;
mod clock;
mod decide;
mod drain;
pub mod hand;
mod load;
mod need;
mod observed;
mod policy;
mod rate;
mod reason;
mod sentence;
mod settings;
mod state;
mod target;
mod time_to_drain;

pub use agent::{Agent, AgentError, Step};
pub use arrivals::Arrivals;
pub use calendar::{Calendar, CalendarPolicy, Occasion, Raise};
pub use decide::{Decision, Inputs, decide};
pub use drain::{Drain, Sample};
pub use hand::{Hand, HandError};
pub use load::{Load, Saturation};
pub use observed::Observed;
pub use policy::{Ceiling, Connections, Limit, Policy, PolicyError, Prefetch};
pub use rate::Rate;
pub use reason::Reason;
pub use settings::{HandKind, HandSettings, ScalingSettings};
pub use state::State;
pub use target::{Manual, ManualError, Target, TargetError};
pub use time_to_drain::TimeToDrain;
