//! Speed of the parts relative to the machine's limits: simpler contenders take turns with the
//! shipped services, in one run on one machine. The machine's speed drifts, so absolute figures say
//! little, but ratios within a run hold.

mod bare_worker;
mod bench;
pub(crate) mod broker;
mod child;
mod contender;
mod drain;
pub(crate) mod envelopes;
mod generator;
pub(crate) mod meter;
mod report;
mod requests;
pub(crate) mod rows;
mod servers;

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use bench::on_threads;
use bench::{Bench, Measured, Size};
use clap::{Args, ValueEnum};
pub use contender::Contender;
pub use report::{Figures, LimitsReport, Ratio};
use serde::Serialize;
pub use servers::ContenderProcess;
use sportello_people::mint::TokenSignature;

/// The contenders and the length of their turns.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Turns of each contender.
    #[arg(long, default_value = "5")]
    pub rounds: NonZeroU64,
    /// Length of a turn in seconds, after a warm-up of a fifth of it (at most 2 s). Workers drain
    /// 10,000 applications for each of these seconds.
    #[arg(long, default_value = "10")]
    pub seconds: NonZeroU64,
    /// Only these contenders. All by default.
    #[arg(long, value_enum, value_name = "NAME", num_args = 1..)]
    pub only: Vec<Contender>,
    /// Connections of the HTTP load, each with one request at a time.
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// Signature of the tokens.
    #[arg(long, value_enum, default_value_t = Token::Rs256)]
    pub token: Token,
    /// Seed of the people: the same seed gives the same people. Random by default.
    #[arg(long)]
    pub seed: Option<u64>,
    /// File for the figures, as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Signature of the tokens that intake checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Token {
    /// RSA with 2,048 bits, as issuers of SPID and CIE sign.
    Rs256,
    /// Ed25519.
    Eddsa,
}

impl From<Token> for TokenSignature {
    fn from(token: Token) -> Self {
        match token {
            Token::Rs256 => Self::Rs256,
            Token::Eddsa => Self::EdDsa,
        }
    }
}

/// Measures on a private system; calls `report` after each turn.
///
/// # Errors
/// A part does not start, or a contender gives wrong answers.
pub async fn run(options: &Options, mut report: impl FnMut(&str)) -> anyhow::Result<LimitsReport> {
    let seconds = options.seconds.get();
    let size = Size {
        window: Duration::from_secs(seconds),
        connections: options.connections,
        applications: seconds * 10_000,
        seed: options.seed.unwrap_or_else(rand::random),
        signature: options.token.into(),
    };
    let mut bench = Bench::start(size).await?;
    let contenders: Vec<Contender> = Contender::ALL
        .into_iter()
        .filter(|contender| options.only.is_empty() || options.only.contains(contender))
        .collect();
    let mut turns: Vec<(Contender, Measured)> = Vec::new();
    for round in 0..options.rounds.get() {
        let mut order = contenders.clone();
        // alternates the order, so that a drift favours no contender
        if round % 2 == 1 {
            order.reverse();
        }
        for contender in order {
            let measured = bench.measure(contender).await?;
            report(&format!(
                "round {}: {contender} {:.0}/s",
                round + 1,
                measured.rate()
            ));
            turns.push((contender, measured));
        }
    }
    bench.end().await?;
    Ok(LimitsReport::new(options, &turns))
}
