//! The status process.

use std::process::ExitCode;

use clap::Parser as _;
use status::{Config, StatusService};

fn main() -> ExitCode {
    let config = Config::parse();
    sportello_http::run_process("status", async |metrics| {
        let service = StatusService::build(config, Some(metrics))?;
        tracing::info!(address = %service.address()?, "status listens");
        service.run(sportello_http::shutdown_signal()).await?;
        anyhow::Ok(())
    })
}
