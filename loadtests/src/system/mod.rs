//! A private system, and observations of it.

pub mod backlog;
pub mod fill;
pub mod made;
pub mod nginx;
pub mod private_system;
pub mod probes;
pub mod serve;
pub mod statements;
