//! How fast the parts are beside what the machine allows: contenders that do less, in turn with the shipped services, in
//! one run on one machine. A figure alone says little where the machine drifts; ratios from the same minutes do.

mod bare_worker;
mod bench;
mod broker;
mod child;
mod contender;
mod drain;
mod envelopes;
mod generator;
mod meter;
mod report;
mod requests;
mod rows;
mod servers;

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use bench::{Bench, Measured, Size};
use clap::Args;
pub use contender::Contender;
pub use report::{Figures, LimitsReport, Ratio};
pub use servers::ContenderProcess;

/// The contenders and how long each of them is measured.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// How often each contender has its turn.
    #[arg(long, default_value = "5")]
    pub rounds: NonZeroU64,
    /// How long a turn is, in seconds, after a warm-up of a fifth of it (2 s at most). Workers drain 10,000
    /// applications for each of these seconds.
    #[arg(long, default_value = "10")]
    pub seconds: NonZeroU64,
    /// Only these; all without it.
    #[arg(long, value_enum, value_name = "NAME", num_args = 1..)]
    pub only: Vec<Contender>,
    /// Connections that the load over HTTP comes by, each with one request at a time.
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// Whose applications they are: the same seed gives the same people. Random without it.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Where to write the figures, as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Measures on a private system; `tell` hears of each turn as it ends.
///
/// # Errors
/// A part does not start, or a contender gives wrong answers.
pub async fn run(options: &Options, mut tell: impl FnMut(&str)) -> anyhow::Result<LimitsReport> {
    let seconds = options.seconds.get();
    let size = Size {
        window: Duration::from_secs(seconds),
        connections: options.connections,
        applications: seconds * 10_000,
        seed: options.seed.unwrap_or_else(rand::random),
    };
    let mut bench = Bench::start(size).await?;
    let contenders: Vec<Contender> = Contender::ALL
        .into_iter()
        .filter(|contender| options.only.is_empty() || options.only.contains(contender))
        .collect();
    let mut turns: Vec<(Contender, Measured)> = Vec::new();
    for round in 0..options.rounds.get() {
        let mut order = contenders.clone();
        // there and back, so that a drift in one direction favours nobody
        if round % 2 == 1 {
            order.reverse();
        }
        for contender in order {
            let measured = bench.measure(contender, round).await?;
            tell(&format!(
                "round {}: {contender} {:.0}/s",
                round + 1,
                measured.rate()
            ));
            turns.push((contender, measured));
        }
    }
    Ok(LimitsReport::new(options, &turns))
}
