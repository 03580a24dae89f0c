//! Private PostgreSQL, RabbitMQ, identity provider and service processes on this machine.
//!
//! Every process started here is detached: it has a session of its own, so neither Ctrl-C in the
//! terminal nor the end of the caller ends it. The caller must stop it, from the same process or,
//! with the same folder, from a later one.

pub mod abandoned;
pub mod catalogue;
pub mod error;
pub mod folders;
mod gateway;
pub mod health;
mod launch;
pub mod management;
pub mod monitoring;
pub mod nginx;
pub mod pace;
pub mod part;
pub mod ports;
pub mod postgres;
pub mod process;
mod procfs;
pub mod rabbitmq;
pub mod rights;
mod run_as;
mod sites;
pub mod state;
pub mod system;
pub mod test_servers;
mod usage;
pub mod wait;

pub use error::{Error, Result};
pub use gateway::Gateway;
pub use health::Health;
pub use management::Management;
pub use monitoring::Monitoring;
pub use pace::Pace;
pub use part::Part;
pub use postgres::{Pair, Postgres};
pub use process::{Process, Spec};
pub use procfs::{Identity, Memory, machine_memory};
pub use rabbitmq::{Alarm, Cluster, Link, RabbitMq};
pub use rights::Account;
pub use run_as::RunAs;
pub use system::{Setup, System};
pub use usage::{Usage, usage};
