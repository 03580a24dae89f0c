//! For tests: a database and a virtual host of one's own on real servers, private servers to kill, a service's
//! process, an issuer of tokens, and waiting for a condition.
//!
//! The shared servers are those that the environment names (`cargo xtask test` sets it). Without it they are
//! started in `target/test-servers` at the first use and go on running, so that the next test need not wait;
//! `cargo xtask test --stop-servers` ends them and removes their data.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "only tests call this, and a panic fails the test"
)]

mod generated;
mod issuer;
mod private;
mod sandbox;
mod servers;
mod service;
mod waiting;

pub use generated::assert_fresh;
pub use issuer::Issuer;
pub use private::{Broker, DatabaseServer, broker, postgres};
pub use sandbox::Sandbox;
pub use service::Service;
pub use waiting::{Outcome, eventually};

/// A port of 127.0.0.1 where nobody listens, and that no other test of this process was given.
#[must_use]
pub fn free_port() -> u16 {
    sportello_local::ports::free_port().expect("a free port")
}
