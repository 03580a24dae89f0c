//! The ledger: proves that no application is lost, and names those that are.
//!
//! Intake numbers its messages and states which numbers the broker confirmed. Workers record which
//! numbers they settled, in the transaction that registers. A confirmed number that is neither
//! settled nor in a queue is lost. Every worker and every console runs a [`LedgerTask`]; one of
//! them audits.
//!
//! [`read`] gives operators the present state from a few small tables.

mod auditor;
mod backlog;
pub mod compare;
pub mod fold;
mod metrics;
pub mod read;
mod task;

pub use auditor::{Audited, Auditor};
pub use task::{LedgerTask, Losses};
