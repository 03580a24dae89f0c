//! The operators' console beside a load: what it shows, what operators do there, and whether both
//! agree with the ledger outside.

pub mod agreement;
pub mod chance;
pub mod console;
pub mod estimates;
pub mod now;
pub mod prometheus;
pub mod promises;
pub mod setting;
pub mod taken;
