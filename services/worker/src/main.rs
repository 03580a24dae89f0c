//! The worker process.

use std::io::Write as _;
use std::process::ExitCode;

use sportello_http::{health_command, settings};
use tokio::signal::unix::{SignalKind, signal};
use worker::{Config, MigrateConfig, Sums, SumsConfig, TopologyConfig, Worker};

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
        Some("migrate") => {
            let config = settings::<MigrateConfig>(arguments());
            end("migrate", async { Ok(worker::migrate(&config).await?) })
        }
        Some("topology") => {
            let config = settings::<TopologyConfig>(arguments());
            end("topology", async { Ok(worker::declare_topology(&config).await?) })
        }
        Some("sums") => {
            let config = settings::<SumsConfig>(arguments());
            end("sums", async { print(&worker::sums(&config).await?) })
        }
        Some(_) | None => run(settings(std::env::args_os())),
    }
}

fn run(config: Config) -> ExitCode {
    sportello_http::run_process("worker", async |metrics| {
        let worker = Worker::build(config, Some(metrics))?;
        tracing::info!(internal_address = %worker.internal_address()?, "the worker's health page is listening");
        tokio::select! {
            // polled first, so that it has counted a signal before the worker logs that it stops
            biased;
            heard = second_signal() => {
                heard?;
                anyhow::bail!("second signal to stop: the broker delivers the messages in hand again");
            }
            ended = worker.run(sportello_http::shutdown_signal()) => ended?,
        }
        anyhow::Ok(())
    })
}

async fn second_signal() -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    for _ in 0..2 {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
    Ok(())
}

/// Writes the sums to standard output.
fn print(sums: &Sums) -> anyhow::Result<()> {
    Ok(write!(std::io::stdout().lock(), "{sums}")?)
}

/// Runs a command and prints its error.
#[expect(
    clippy::print_stderr,
    reason = "a command of a person or of a script, not a service"
)]
fn end(command: &str, work: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    let done = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(work));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("worker {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
