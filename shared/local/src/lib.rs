//! Private PostgreSQL, RabbitMQ, identity provider and service processes on this machine.
//!
//! Everything started here is detached: it lives in a session of its own, so that neither Ctrl-C in the
//! terminal nor the end of the caller ends it. Whoever starts it stops it, from the same process or, by
//! the same folder, from a later one.

pub mod abandoned;
pub mod catalogue;
pub mod error;
mod fake_clock;
pub mod folders;
pub mod health;
mod launch;
pub mod login;
pub mod management;
pub mod mint;
pub mod part;
pub mod people;
pub mod ports;
pub mod postgres;
pub mod process;
mod procfs;
mod proxy;
pub mod rabbitmq;
mod run_as;
mod small_disk;
pub mod state;
pub mod system;
pub mod test_servers;
mod usage;
pub mod wait;

pub use error::{Error, Result};
pub use fake_clock::FakeClock;
pub use health::Health;
pub use management::Management;
pub use part::Part;
pub use postgres::Postgres;
pub use process::{Process, Spec};
pub use procfs::{Identity, Memory};
pub use proxy::{Manner, Proxy};
pub use rabbitmq::{Alarm, RabbitMq};
pub use system::{Setup, System};
pub use usage::{Usage, usage};
