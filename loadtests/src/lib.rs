//! Load and faults against the real parts, and the ledger that proves that nothing was lost.
//!
//! Nothing here shares code with what it audits: applications are sent over HTTP as anybody would, what was
//! answered is written to a ledger outside the system, and the ledger is compared with what the database holds,
//! read by queries of its own.

pub mod applications;
pub mod aside;
pub mod backlog;
pub mod batches;
pub mod bulk;
pub mod bulk_report;
pub mod client;
pub mod contents;
pub mod faults;
pub mod http1;
pub mod laboratory;
pub mod ledger;
pub mod limits;
pub mod matrix;
pub mod mix;
pub mod nginx;
pub mod numbers;
pub mod open_loop;
pub mod page;
pub mod persistence;
pub mod private_system;
pub mod probes;
pub mod promises;
pub mod random;
pub mod reconcile;
pub mod register;
pub mod reliability;
pub mod report;
pub mod run_report;
pub mod scenario;
pub mod scene;
pub mod serve;
