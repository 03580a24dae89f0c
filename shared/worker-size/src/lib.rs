//! What a worker takes of the database and the broker: its own settings, with which scaling
//! reckons.

use std::num::NonZeroU16;

/// Most transactions at once.
const MOST_LANES: u16 = 64;
/// One each for the budgets, the retention, the ledger, the dead letters and the health page.
const BESIDE_LANES: u16 = 5;

/// The size of a worker. The same for all workers, and for the console that sets their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub struct WorkerSize {
    /// A worker's transactions at once, which both channels share. Each channel has one consumer
    /// more, with a connection to the broker, so that work is at hand whenever a turn is free.
    #[arg(long = "worker-lanes", env = "WORKER_LANES", default_value = "2", value_parser = lanes)]
    pub lanes: NonZeroU16,

    /// Messages that the broker hands to each consumer before any is acknowledged. A step takes at
    /// most a quarter. One crash counts as a delivery of all of them.
    #[arg(
        long,
        env = "PREFETCH",
        default_value_t = 160,
        value_parser = clap::value_parser!(u16).range(4..=2_000)
    )]
    pub prefetch: u16,
}

impl WorkerSize {
    /// Returns the connections to the database that a worker opens at most.
    #[must_use]
    pub fn connections(self) -> u16 {
        self.lanes.get() + BESIDE_LANES
    }

    /// Returns a worker's consumers of each channel: one more than turns, so that a lane always
    /// waits. Without it the weights of the channels would not hold.
    #[must_use]
    pub fn consumers(self) -> u16 {
        self.lanes.get() + 1
    }
}

fn lanes(text: &str) -> Result<NonZeroU16, String> {
    let lanes = text
        .parse()
        .ok()
        .filter(|lanes: &NonZeroU16| lanes.get() <= MOST_LANES);
    lanes.ok_or_else(|| format!("a number from 1 to {MOST_LANES}"))
}
