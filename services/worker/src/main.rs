//! The worker process.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use worker::{Config, MigrateConfig, Worker};

/// Drains the queues into the benefits database.
#[derive(Debug, clap::Parser)]
#[command(name = "worker", subcommand_negates_reqs = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Option<Config>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Runs the migrations that the database has not had yet. Several processes may do it at once.
    Migrate(MigrateConfig),
}

fn main() -> ExitCode {
    let Cli { command, config } = Cli::parse();
    match (command, config) {
        (Some(Command::Migrate(config)), _) => migrate(&config),
        (None, Some(config)) => run(config),
        (None, None) => Cli::command()
            .error(ErrorKind::MissingSubcommand, "nothing is configured")
            .exit(),
    }
}

fn run(config: Config) -> ExitCode {
    sportello_http::run_process("worker", async |metrics| {
        let worker = Worker::build(config, Some(metrics))?;
        tracing::info!(address = %worker.address()?, "the worker's health page listens");
        tokio::select! {
            ended = worker.run(sportello_http::shutdown_signal()) => ended?,
            () = second_signal() => anyhow::bail!("told twice to stop: what is in hand is delivered again"),
        }
        anyhow::Ok(())
    })
}

async fn second_signal() {
    sportello_http::shutdown_signal().await;
    sportello_http::shutdown_signal().await;
}

#[expect(
    clippy::print_stderr,
    reason = "a command of a person or of a script, not a service"
)]
fn migrate(config: &MigrateConfig) -> ExitCode {
    let migrated = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(worker::migrate(config)));
    match migrated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("worker migrate: {error:#}");
            ExitCode::FAILURE
        }
    }
}
