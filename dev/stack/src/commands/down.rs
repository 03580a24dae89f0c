//! `cargo xtask down`.

use anyhow::Result;
use clap::Args;
use sportello_stack::System;

use super::places;
use super::steps::step;

/// Options of `down`.
#[derive(Debug, Args)]
pub struct Options {
    /// Also remove data, logs and keys (never those of servers named by DATABASE_URL or AMQP_URL)
    #[arg(long)]
    wipe: bool,
}

/// Stops everything that `up` started, including the rest of a killed `up`.
pub async fn run(options: &Options) -> Result<()> {
    let _lock = places::lock().await?;
    let system = System::at(&places::local())?;
    step("stopping everything in order", async { Ok(system.stop().await?) }).await?;
    if options.wipe {
        step("removing the data", async { Ok(system.wipe()?) }).await?;
    }
    Ok(())
}
