//! The status process.

use std::process::ExitCode;

use sportello_http::{health_command, settings};
use status::{Config, StatusService};

fn main() -> ExitCode {
    if let Some(code) = health_command::<Config>() {
        return code;
    }
    let config: Config = settings(std::env::args_os());
    sportello_http::run_process("status", async |metrics| {
        let service = StatusService::build(config, Some(metrics))?;
        let internal_address = service.internal_address()?;
        tracing::info!(address = %service.address()?, %internal_address, "status is listening");
        service.run(sportello_http::shutdown_signal()).await?;
        anyhow::Ok(())
    })
}
