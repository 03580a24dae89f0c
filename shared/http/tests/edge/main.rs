//! What the HTTP edge of every service does with callers who mean no good, on a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by it"
)]

mod bounds;
mod cors;
mod server;
mod shed;
mod tls;
