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
use clap::{Args, ValueEnum};
pub use contender::Contender;
pub use report::{Figures, LimitsReport, Ratio};
use serde::Serialize;
pub use servers::ContenderProcess;
use sportello_local::mint::TokenSignature;

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
    /// What the tokens are signed with.
    #[arg(long, value_enum, default_value_t = Token::Rs256)]
    pub token: Token,
    /// Whose applications they are: the same seed gives the same people. Random without it.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Where to write the figures, as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// What the tokens that intake checks are signed with.
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
        // there and back, so that a drift in one direction favours nobody
        if round % 2 == 1 {
            order.reverse();
        }
        for contender in order {
            let measured = bench.measure(contender).await?;
            tell(&format!(
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
