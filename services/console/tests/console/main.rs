//! The console's process on a real database and a real broker, new ones for each test.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod api_document;
mod audit;
mod channels;
mod hands;
mod ledger;
mod letters;
mod live;
mod methods;
mod roles;
mod sampler;
mod support;
mod workers;
