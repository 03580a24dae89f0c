//! The shipped benefits, files with mistakes, and everything made from a form.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod batch_columns;
mod benefits;
mod shipped;
