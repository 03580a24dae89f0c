//! Decisions of simulated days, and the hands on what stands in for their platforms.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod agent;
mod calendar;
mod days;
mod hands;
mod kubernetes;
mod measuring;
mod properties;
mod sentences;
mod simulation;
