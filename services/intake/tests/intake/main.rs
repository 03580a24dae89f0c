//! Intake as a process, on a real broker.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod api_document;
mod bad_input;
mod batch_csv;
mod batch_faults;
mod batch_measure;
mod batch_parts;
mod batches;
mod catalogue;
mod channels;
mod common;
mod costs;
mod fallback;
mod keys;
mod limits;
mod shards;
mod submit;
mod withdrawal;
