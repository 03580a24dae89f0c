//! Sending: clients, connections, and arrivals by a schedule.

pub mod aside;
pub mod client;
pub mod http1;
pub mod open_loop;
pub mod persistence;
