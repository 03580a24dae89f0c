//! The queue on a real broker.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

mod cluster;
mod consuming;
mod dead_letters;
mod faults;
mod full_queue;
mod ledger;
mod members;
mod rights;
mod round_trip;
mod shards;
mod support;
mod throughput;
mod topology;
