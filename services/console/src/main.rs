//! The console's process.

use std::process::ExitCode;

use console::{AgentConfig, Config, ConsoleService};
use sportello_http::{health_command, settings};

fn main() -> ExitCode {
    if let Some(code) = health_command::<Config>() {
        return code;
    }
    // no subcommands of clap's: they would ask each command for the settings of the other
    let command = std::env::args_os().nth(1);
    match command.as_ref().and_then(|word| word.to_str()) {
        Some("agent") => {
            let config: AgentConfig = settings(std::env::args_os().skip(1));
            sportello_http::run_process("console-agent", async |_| {
                console::run_agent(config, sportello_http::shutdown_signal()).await
            })
        }
        Some(_) | None => serve(settings(std::env::args_os())),
    }
}

fn serve(config: Config) -> ExitCode {
    sportello_http::run_process("console", async |metrics| {
        let service = ConsoleService::build(config, Some(metrics)).await?;
        let internal_address = service.internal_address()?;
        tracing::info!(address = %service.address()?, %internal_address, "console is listening");
        service.run(sportello_http::shutdown_signal()).await?;
        anyhow::Ok(())
    })
}
