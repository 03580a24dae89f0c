//! The intake process.

use std::process::ExitCode;

use clap::Parser as _;
use intake::{Config, Intake};

/// A tenth of the processor time of either service was spent in the system's allocator; this one takes half of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let config = Config::parse();
    sportello_http::run_process("intake", async |metrics| {
        let intake = Intake::build(config, Some(metrics))?;
        tracing::info!(address = %intake.address()?, "intake listens");
        intake.run(sportello_http::shutdown_signal()).await?;
        anyhow::Ok(())
    })
}
