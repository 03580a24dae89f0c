//! The portal's process.

use std::process::ExitCode;

use portal::{Command, Config, PortalService, render};
use sportello_http::{health_command, settings};

fn main() -> ExitCode {
    if let Some(code) = health_command::<Config>() {
        return code;
    }
    let config: Config = settings(std::env::args_os());
    sportello_http::run_process("portal", async |metrics| {
        if let Some(Command::Render { folder }) = &config.command {
            let files = render(&config, folder).await?;
            tracing::info!(folder = %folder.display(), files, "the pages are written");
            return anyhow::Ok(());
        }
        let service = PortalService::build(config, Some(metrics))?;
        let internal_address = service.internal_address()?;
        tracing::info!(address = %service.address()?, %internal_address, "portal is listening");
        service.run(sportello_http::shutdown_signal()).await?;
        anyhow::Ok(())
    })
}
