//! The intake process.

use std::process::ExitCode;

use intake::{Config, Intake, KeysConfig, change_keys};
use sportello_http::{health_command, settings};

/// A tenth of the processor time of either service was spent in the system's allocator; this one
/// takes half of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(code) = health_command::<Config>() {
        return code;
    }
    // not a subcommand of clap: `keys` would then require the broker's settings too
    if std::env::args_os().nth(1).is_some_and(|word| word == "keys") {
        return keys(&settings::<KeysConfig>(std::env::args_os().skip(1)));
    }
    let config: Config = settings(std::env::args_os());
    sportello_http::run_process("intake", async |metrics| {
        let intake = Intake::build(config, Some(metrics))?;
        let internal_address = intake.internal_address()?;
        tracing::info!(address = %intake.address()?, %internal_address, "intake is listening");
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
