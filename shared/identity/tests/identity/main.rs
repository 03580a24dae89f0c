//! Tokens of real and of hostile issuers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod agreement;
mod costs;
mod keys;
mod provider;
mod support;
mod tokens;
