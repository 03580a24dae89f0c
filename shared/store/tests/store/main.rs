//! The store on a real database, a new one for each test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic fails the test")]

mod access;
mod batches;
mod budgets;
mod concurrency;
mod conflicts;
mod decisions;
mod failover;
mod fixtures;
mod measure;
mod queries;
mod refusals;
mod registering;
mod retention;
mod rights;
mod schema;
mod seconds;
mod withdrawals;
