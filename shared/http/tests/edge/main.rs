//! The HTTP edge of every service against hostile callers, on a real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by it"
)]

mod bounds;
mod cors;
mod health;
mod pipelining;
mod rfc;
mod server;
mod shed;
mod tls;
