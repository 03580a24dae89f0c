//! Rules of the repository.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod api_document;
mod architecture;
mod metrics;
mod migrations;
mod observability;
mod packages;
mod promises;
mod publiccode;
mod tidy;
