//! Load and faults against the real parts, and the ledger that proves that nothing was lost.
//!
//! Nothing here shares code with what it audits: applications are sent over HTTP as anybody would,
//! what was answered is written to a ledger outside the system, and the ledger is compared with
//! what the database holds, read by queries of its own.

pub mod alerts;
pub mod bulk;
pub mod faults;
pub mod http;
pub mod limits;
pub mod page;
pub mod people;
pub mod plan;
pub mod proof;
pub mod register;
pub mod scenario;
pub mod system;
pub mod viewers;
