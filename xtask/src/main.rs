//! `cargo xtask`: runs, uses and tests Sportello on a developer's machine.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the terminal"
)]

mod cargo;
mod command;
mod dashboards;
mod deny;
mod dist;
mod lints;
mod needs;
mod openapi;
mod progress;
mod release;
mod stack;
mod test;
mod tools;

use std::ffi::OsString;
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
    /// Uses DATABASE_URL and AMQP_URL if set. Otherwise it starts a private PostgreSQL and
    /// RabbitMQ, with their data in target/local, and installs them if they are missing.
    Up(stack::UpOptions),
    /// Stops everything that `up` started; the data stay (`--wipe` removes them)
    Down(Rest),
    /// Prints the addresses of the running system, one KEY=value on each line
    Env(Rest),
    /// Prints a bearer token, for curl and for load tests
    Token(Rest),
    /// Sets or prints the number of worker processes; those that stay are not stopped
    Workers(Rest),
    /// Shows the log of a process
    Logs(Rest),
    /// Checks benefits' files, and prints each mistake with its place and advice
    Catalogue(Rest),
    /// Checks format and lints and runs the tests, on a PostgreSQL and a RabbitMQ started for them
    Test(test::Options),
    /// Builds the shipped programs, optimised by a training load (takes an hour)
    Release,
    /// Builds a release of the last commit: packages, checksums, bills of materials, licences
    ///
    /// In target/dist, after some ten minutes. Nothing in it depends on the folder or the time of
    /// the build: `--twice` builds a second one elsewhere, and fails where a byte differs.
    Dist(dist::Options),
    /// Checks licences, sources and security advisories with cargo-deny
    Deny,
    /// Writes the OpenAPI document of all services together to target/openapi.json
    Openapi,
    /// Writes Grafana's dashboards to deploy/observability/dashboards
    Dashboards,
}

/// Arguments for the development system's own program.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
struct Rest {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    let result = match lints::wrapped() {
        Some(arguments) => lints::compile(&arguments),
        None => run(Arguments::parse().command),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Up(options) => stack::up(&options),
        Command::Down(rest) => stack::call("down", &rest.arguments),
        Command::Env(rest) => stack::call("env", &rest.arguments),
        Command::Token(rest) => stack::call("token", &rest.arguments),
        Command::Workers(rest) => stack::call("workers", &rest.arguments),
        Command::Logs(rest) => stack::call("logs", &rest.arguments),
        Command::Catalogue(rest) => stack::call("catalogue", &rest.arguments),
        Command::Test(options) => test::run(&options),
        Command::Release => release::run(),
        Command::Dist(options) => dist::run(&options),
        Command::Deny => deny::run(),
        Command::Openapi => openapi::run(),
        Command::Dashboards => dashboards::run(),
    }
}
