//! The fallback: the local disk in the broker's place. `spool` keeps applications, `replay`
//! publishes them later.

mod replay;
mod spool;

pub(crate) use replay::Replay;
pub(crate) use spool::{BROKER, Fallback};
