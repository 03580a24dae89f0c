//! The worker on a real broker and a real database.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic fails the test")]

mod catalogue;
mod crowd;
mod database_away;
mod deliveries;
mod measure;
mod poison;
mod process;
mod retention;
mod support;
mod traces;
mod turns;
