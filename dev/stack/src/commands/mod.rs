//! The commands, one in each file.

mod addresses;
mod catalogue;
mod down;
mod example;
mod interrupt;
mod logs;
mod places;
mod servers;
mod steps;
mod token;
mod up;
mod workers;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Runs Sportello on this machine.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Starts everything, and shows how to send a first application
    ///
    /// Uses DATABASE_URL and AMQP_URL if set. Otherwise it starts a private PostgreSQL and
    /// RabbitMQ, with their data in target/local.
    Up(up::Options),
    /// Stops everything that `up` started; the data stay
    Down(down::Options),
    /// Prints the addresses of the running system, one KEY=value on each line
    Env,
    /// Prints a bearer token, for curl and for load tests
    Token(token::Options),
    /// Sets or prints the number of worker processes; those that stay are not stopped
    Workers(workers::Options),
    /// Shows the log of a process
    Logs(logs::Options),
    /// Checks benefits' files, and prints each mistake with its place and advice
    Catalogue(catalogue::Options),
    /// Runs a PostgreSQL and a RabbitMQ for tests until its standard input ends
    #[command(hide = true)]
    Servers(servers::Options),
}

/// Runs one command.
pub async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Up(options) => up::run(&options).await?,
        Command::Down(options) => down::run(&options).await?,
        Command::Env => addresses::print()?,
        Command::Token(options) => token::run(&options).await?,
        Command::Workers(options) => workers::run(&options).await?,
        Command::Logs(options) => logs::run(&options).await?,
        Command::Catalogue(options) => return catalogue::run(&options, &mut std::io::stdout()),
        Command::Servers(options) => servers::run(&options).await?,
    }
    Ok(ExitCode::SUCCESS)
}
