//! The whole system: every promise on real parts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod alerts;
mod authorisation;
mod bad_cache;
mod batches;
mod canary;
mod catalogue;
mod citizens;
mod collector;
mod conservation;
mod decisions;
mod every_field;
mod examples;
mod faults;
mod limits;
mod nginx;
mod office;
mod operators;
mod page;
mod peak_day;
mod register;
mod reliability;
mod restore;
mod scenarios;
mod spine;
mod spool;
mod trace;
