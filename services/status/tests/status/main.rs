//! The status service's process on a real database, a new one for each test.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod batches;
mod content;
mod holder;
mod journal;
mod list;
mod support;
