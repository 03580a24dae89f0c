//! The status service's process on a real database, a new one for each test.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod api_document;
mod batches;
mod clock;
mod content;
mod holder;
mod journal;
mod list;
mod methods;
mod missing;
mod receipt_keys;
mod secrets;
mod support;
