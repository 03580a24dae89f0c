//! For tests: a database and a virtual host for each test on real servers, private servers to kill,
//! a service's process, an issuer of tokens, and waiting for a condition.
//!
//! The environment names the shared servers (`cargo xtask test` sets it). Otherwise the first use
//! starts them in `target/test-servers`. They stay running, so that the next test need not wait;
//! `cargo xtask test --stop-servers` stops them and removes their data.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "only tests call this, and a panic fails the test"
)]

mod generated;
mod guide;
mod issuer;
mod methods;
mod private;
mod receipt_keys;
mod sandbox;
mod servers;
mod service;
mod waiting;

pub use generated::assert_fresh;
pub use guide::Guide;
pub use issuer::Issuer;
pub use methods::assert_methods;
pub use private::{
    Broker, BrokerCluster, DatabasePair, DatabaseServer, broker, broker_cluster, database_pair, postgres,
};
pub use receipt_keys::receipt_keys;
pub use sandbox::Sandbox;
pub use service::Service;
pub use sportello_stack::Account;
pub use waiting::{Outcome, eventually};

/// Returns a free port of 127.0.0.1 that no other test of this process uses.
#[must_use]
pub fn free_port() -> u16 {
    sportello_stack::ports::free_port().expect("a free port")
}
