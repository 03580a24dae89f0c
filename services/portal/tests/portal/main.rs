//! The pages, and what they share with the API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod api;
mod corpus;
mod spoil;
mod texts;
