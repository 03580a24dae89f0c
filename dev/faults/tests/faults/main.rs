//! Faults on purpose begin and end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod fake_clock;
mod proxy;
mod small_disk;
