//! `register`: what registering, reading and forgetting cost on a register of millions.
//!
//! The register is filled in place by SQL, on the real tables with all their indexes. At each size
//! the shipped worker drains applications of new persons, holders and an operator read, and
//! `pg_stat_statements` counts every statement of the services.

mod bench;
mod readers;
pub mod report;

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;

use self::bench::Bench;
use self::report::RegisterReport;
use crate::system::made::Made;

/// Options of `register`.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Sizes of the register to measure at, growing. The first may be 0.
    #[arg(long, num_args = 1.., value_name = "NUMBER", default_values_t = [0, 1_000_000, 5_000_000])]
    pub rows: Vec<u64>,
    /// Applications of new persons that the worker drains at each size.
    #[arg(long, default_value_t = 100_000)]
    pub drain: u64,
    /// Applications that their holders read at each size, each in all ways.
    #[arg(long, default_value_t = 200)]
    pub reads: usize,
    /// Seconds for which an operator views the console at each size.
    #[arg(long, default_value_t = 30)]
    pub seconds: u64,
    /// Seconds for which the retention forgets, at the last size. 0 forgets nothing.
    #[arg(long, default_value_t = 20)]
    pub forget: u64,
    /// File for the figures, as JSON; written after each size.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Measures on a private system. Calls `progress` with progress messages, and `done` with the
/// figures after each size.
///
/// # Errors
/// The sizes do not grow, a part does not start, or a query fails.
pub async fn run(
    options: &Options,
    progress: impl Fn(String),
    mut done: impl FnMut(&RegisterReport) -> anyhow::Result<()>,
) -> anyhow::Result<RegisterReport> {
    ensure!(
        options.rows.is_sorted_by(|one, next| one < next) && !options.rows.is_empty(),
        "the sizes of --rows must grow"
    );
    ensure!(
        options.drain >= 1_000 && options.reads >= 1,
        "--drain must be at least 1000, and --reads at least 1"
    );
    let mut bench = Bench::start(options.clone()).await?;
    let mut report = RegisterReport {
        made: Made::here(),
        settings: bench.settings().await?,
        message_bytes: 0.0,
        fills: Vec::new(),
    };
    for (place, rows) in options.rows.iter().enumerate() {
        let mut fill = bench.measure(*rows, &progress).await?;
        if place + 1 == options.rows.len() && options.forget > 0 {
            fill.forgetting = Some(bench.forget().await?);
        }
        report.fills.push(fill);
        report.message_bytes = bench.message_bytes();
        done(&report)?;
    }
    report.made = Made::here();
    bench.end().await?;
    Ok(report)
}
