//! The console's process.

use std::process::ExitCode;

use console::{Config, ConsoleService};
use sportello_http::settings;

fn main() -> ExitCode {
    let config: Config = settings(std::env::args_os());
    sportello_http::run_process("console", async |metrics| {
        let service = ConsoleService::build(config, Some(metrics)).await?;
        let internal_address = service.internal_address()?;
        tracing::info!(address = %service.address()?, %internal_address, "console is listening");
        service.run(sportello_http::shutdown_signal()).await?;
        anyhow::Ok(())
    })
}
