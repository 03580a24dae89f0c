//! Drains the queues into the benefits database.
//!
//! ```text
//! take the waiting messages → decode each on its own → look it up in the catalogue
//!   → decide on all and register them in one transaction
//!   → dead-letter what can't be registered → acknowledge
//! ```
//!
//! Beside it, each second: share out the budgets, and audit the ledger. Each hour: forget
//! applications past their retention. Every decision about time follows the database's clock.
//!
//! # Promises
//!
//! A message is acknowledged only after everything in it is known to be on the register or in the
//! dead-letter queue. A crash of this process, the broker or the database means at worst that the
//! broker delivers a message again. The register recognises an application by its id, and the table
//! of dead letters a letter by its message and place: [`Ingester`] takes it from the queue, where
//! it may be twice.
//!
//! A message of a newer version stays in the queue for a newer worker: see [`Kept`]. Applications
//! that can't be registered in time are tried in smaller transactions. One that fails alone, while
//! others succeed, goes whole to the dead-letter queue.
//!
//! While the database is away, the worker keeps the messages in hand and takes no more. The same
//! while a benefit's file that intake has is missing here: for a minute at most.
//!
//! While both channels have a backlog they are registered by weight, citizens first: see
//! [`FairShare`].

mod allotter;
mod arrivals;
mod backlog;
mod backoff;
mod clock;
mod config;
mod dead_letters;
mod drain;
mod error;
mod fair_share;
mod health;
mod ingester;
mod lane;
mod letter_sums;
mod metrics;
mod newer;
mod recounting;
mod registrar;
mod retention;
mod rulings;
mod sums;
mod traces;
mod transactions;
mod worker;

pub use allotter::Allotter;
pub use config::{Config, MigrateConfig, SumsConfig, TopologyConfig};
pub use error::{DeclareError, MigrateError, StartError, WorkerError};
pub use fair_share::{FairShare, Turn, Weights, WeightsError};
pub use ingester::{IngestError, IngestStep, Ingester};
pub use lane::{Done, Lane, LaneConfig, Step};
pub use newer::Kept;
pub use recounting::Recounting;
pub use retention::Retention;
pub use sums::{Sums, SumsError, sums};
pub use transactions::Progress;
pub use worker::{Worker, declare_topology, migrate};
