//! `cargo xtask workers [N]`.

use anyhow::Result;
use clap::Args;

use super::places;
use super::steps::step;

/// Options of `workers`.
#[derive(Debug, Args)]
pub struct Options {
    /// Number of worker processes; without it, prints how many run
    #[arg(value_parser = clap::value_parser!(u16).range(0..=64))]
    count: Option<u16>,
}

/// Starts or stops workers, and leaves the others alone; or prints how many run.
pub async fn run(options: &Options) -> Result<()> {
    let Some(count) = options.count else {
        println!("{}", places::system()?.running_workers());
        return Ok(());
    };
    let _lock = places::lock().await?;
    let mut system = places::system()?;
    let name = format!("{count} worker(s)");
    step(&name, async { Ok(system.set_workers(count).await?) }).await
}
