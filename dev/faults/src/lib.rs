//! Faults on purpose: in a connection between two programs, the clock of a process, a disk.

mod fake_clock;
mod proxy;
mod small_disk;

pub use fake_clock::FakeClock;
pub use proxy::{Manner, Proxy};
pub use small_disk::SmallDisk;
