//! Drains the queues into the benefits database.
//!
//! ```text
//! take what is there → decode each on its own → look it up in the catalogue → decide on the batch and register it in
//! one transaction → dead-letter what can't be registered → acknowledge
//! ```
//!
//! Beside it, each second: share out the budgets. Each hour: forget what was kept long enough.
//!
//! # Promises
//!
//! A message is acknowledged only after everything in it is on the register or in the dead-letter queue, and known to
//! be. So a crash at any moment, of this process, of the broker or of the database, means at worst that a message is
//! delivered again, and the register recognises an application by its id. The dead-letter queue can't: after a crash
//! between its confirm and the acknowledgement it holds a letter twice.
//!
//! While the database is away, the batch in hand is held and nothing more is taken. Nor while the file of a benefit that
//! intake knows already has not reached this worker: for a minute at most.
//!
//! While both channels have a backlog they are registered by weight, citizens first: see [`Turns`].

mod allotter;
mod config;
mod drain;
mod health;
mod lane;
mod letters;
mod metrics;
mod patience;
mod registrar;
mod retention;
mod rulings;
mod traces;
mod turns;
mod worker;

pub use allotter::Allotter;
pub use config::{Config, MigrateConfig};
pub use lane::{Done, Lane, LaneConfig, Step};
pub use retention::Retention;
pub use turns::{Turn, Turns, Weights, WeightsError};
pub use worker::{MigrateError, StartError, Worker, WorkerError, migrate};
