//! `cargo xtask workers N`.

use anyhow::Result;
use clap::Args;

use super::places;
use super::steps::step;

/// Options of `workers`.
#[derive(Debug, Args)]
pub struct Options {
    /// Number of worker processes
    #[arg(value_parser = clap::value_parser!(u16).range(0..=64))]
    count: u16,
}

/// Starts or stops workers; the others are left alone.
pub async fn run(options: &Options) -> Result<()> {
    let _lock = places::lock().await?;
    let mut system = places::system()?;
    let name = format!("{} worker(s)", options.count);
    step(&name, async { Ok(system.set_workers(options.count).await?) }).await
}
