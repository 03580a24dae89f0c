//! The intake process.

use std::process::ExitCode;

use clap::Parser as _;
use intake::{Config, Intake};

fn main() -> ExitCode {
    let config = Config::parse();
    sportello_http::run_process("intake", async |metrics| {
        let intake = Intake::build(config, Some(metrics))?;
        tracing::info!(address = %intake.address()?, "intake listens");
        intake.run(sportello_http::shutdown_signal()).await?;
        anyhow::Ok(())
    })
}
