//! The store on a real database, a new one for each test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic fails the test")]

mod access;
mod batches;
mod budgets;
mod concurrency;
mod decisions;
mod fixtures;
mod measure;
mod refusals;
mod registering;
mod retention;
mod schema;
