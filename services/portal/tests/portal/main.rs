//! The pages: what they share with the API, and the portal's process as callers get it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod api;
mod corpus;
mod following;
mod gateway;
mod pages;
mod rendering;
mod serving;
mod spoil;
mod support;
mod texts;
