//! The intake process.

use std::process::ExitCode;

use intake::{Config, Intake, KeysConfig, ReplayConfig, change_keys, replay_spool};
use sportello_http::{health_command, settings};

/// A tenth of the processor time of either service was spent in the system's allocator; this one
/// takes half of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(code) = health_command::<Config>() {
        return code;
    }
    // no subcommands of clap's: they would ask each command for the settings of the others
    let command = std::env::args_os().nth(1);
    let arguments = || std::env::args_os().skip(1);
    match command.as_ref().and_then(|word| word.to_str()) {
        Some("keys") => return keys(&settings::<KeysConfig>(arguments())),
        Some("replay") => return replay(settings(arguments())),
        Some(_) | None => {}
    }
    let config: Config = settings(std::env::args_os());
    sportello_http::run_process("intake", async |metrics| {
        let intake = Intake::build(config, Some(metrics))?;
        let internal_address = intake.internal_address()?;
        tracing::info!(address = %intake.address()?, %internal_address, "intake is listening");
        sportello_http::notify_ready();
        intake.run(sportello_http::shutdown_signal()).await?;
        anyhow::Ok(())
    })
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command of a person or of a script, not a service"
)]
fn keys(config: &KeysConfig) -> ExitCode {
    match change_keys(config) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("intake keys: {error}");
            ExitCode::FAILURE
        }
    }
}

fn replay(config: ReplayConfig) -> ExitCode {
    sportello_http::run_process("intake-replay", async |_| {
        let applications = replay_spool(config, sportello_http::shutdown_signal()).await?;
        tracing::info!(applications, "the spool is empty: all are in the queue");
        anyhow::Ok(())
    })
}
