//! `cargo xtask down`.

use anyhow::Result;
use clap::Args;
use sportello_local::System;

use crate::places;
use crate::steps::step;

/// Options of `down`.
#[derive(Debug, Args)]
pub struct Options {
    /// Remove the data, logs and keys too (never those of servers named by DATABASE_URL or AMQP_URL)
    #[arg(long)]
    wipe: bool,
}

/// Ends everything that `up` started, also what a killed `up` left.
pub async fn run(options: &Options) -> Result<()> {
    let _lock = places::lock().await?;
    let system = System::at(&places::local())?;
    step("ending everything in order", async { Ok(system.stop().await?) }).await?;
    if options.wipe {
        step("removing the data", async { Ok(system.wipe()?) }).await?;
    }
    Ok(())
}
