//! Signals on a real broker.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

mod channel_settings;
mod overload;
mod support;
