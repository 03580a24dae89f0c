//! `cargo xtask`: the command by which people run, use and test Sportello on their own machine.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the terminal"
)]

mod build;
mod catalogue;
mod down;
mod example;
mod interrupt;
mod logs;
mod packages;
mod places;
mod release;
mod show;
mod steps;
mod test;
mod token;
mod up;
mod workers;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Runs, uses and tests Sportello on this machine.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Builds and starts everything, and shows how to send a first application
    ///
    /// Uses DATABASE_URL and AMQP_URL where they are set. Otherwise it starts a PostgreSQL and a RabbitMQ of
    /// its own, with their data in target/local, and installs them first where they are missing.
    Up(up::Options),
    /// Ends everything that `up` started; the data stay
    Down(down::Options),
    /// Prints the addresses of what runs, one KEY=value a line
    Env,
    /// Prints a bearer token, for curl and for load tests
    Token(token::Options),
    /// Runs this many worker processes from now on, without stopping those that go on
    Workers(workers::Options),
    /// Shows what a process has logged
    Logs(logs::Options),
    /// Builds the programs as they are shipped: optimised for what they do under load (takes most of an hour)
    Release,
    /// Checks benefits' files: what is wrong, where, and what to do
    Catalogue(catalogue::Options),
    /// Checks format and lints and runs every test, on a PostgreSQL and a RabbitMQ started for it
    Test(test::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Up(options) => up::run(&options).await?,
        Command::Down(options) => down::run(&options).await?,
        Command::Env => show::addresses()?,
        Command::Token(options) => token::run(&options).await?,
        Command::Workers(options) => workers::run(&options).await?,
        Command::Logs(options) => logs::run(&options).await?,
        Command::Release => release::run().await?,
        Command::Catalogue(options) => return catalogue::run(&options, &mut std::io::stdout()),
        Command::Test(options) => return test::run(&options).await,
    }
    Ok(ExitCode::SUCCESS)
}
