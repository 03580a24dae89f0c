//! The worker process.

use std::process::ExitCode;

use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};
use worker::{Config, MigrateConfig, Worker};

/// A tenth of the processor time of either service was spent in the system's allocator; this one takes half of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // no subcommand of clap's: it would ask `migrate` for the broker too
    if std::env::args_os().nth(1).is_some_and(|word| word == "migrate") {
        return migrate(&MigrateConfig::parse_from(std::env::args_os().skip(1)));
    }
    run(Config::parse())
}

fn run(config: Config) -> ExitCode {
    sportello_http::run_process("worker", async |metrics| {
        let worker = Worker::build(config, Some(metrics))?;
        tracing::info!(address = %worker.address()?, "the worker's health page listens");
        tokio::select! {
            // the first to hear a signal, so that it has counted one when the worker says that it stops
            biased;
            heard = second_signal() => {
                heard?;
                anyhow::bail!("told twice to stop: what is in hand is delivered again");
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

#[expect(
    clippy::print_stderr,
    reason = "a command of a person or of a script, not a service"
)]
fn migrate(config: &MigrateConfig) -> ExitCode {
    let migrated = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| Ok(runtime.block_on(worker::migrate(config))?));
    match migrated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("worker migrate: {error:#}");
            ExitCode::FAILURE
        }
    }
}
