//! `cargo xtask test`: everything that the project tests, or one test or crate of it.

mod containers;
mod packages;
mod programs;
mod run;
mod scripts;
mod selection;
mod servers;
mod tools;
mod upgrade;

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Args;

use self::programs::Program;
use self::run::Totals;
use self::selection::Selection;
use self::servers::Servers;
use crate::cargo::cargo;
use crate::command::shown;
use crate::needs;
use crate::progress::{part, step};
use crate::stack;

/// Options of `test`.
#[derive(Debug, Args)]
pub struct Options {
    /// One crate (`intake`, `queue`), or the tests whose name contains this
    name: Option<String>,
    /// Run what was named this many times in a row
    #[arg(long, default_value_t = 1, requires = "name")]
    times: u32,
    /// Test programs that run side by side
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
    /// Test every page and state in Chromium, not only what matters most, and take pictures of
    /// them: about fifteen minutes more
    #[arg(long, conflicts_with = "name")]
    browser: bool,
    /// Test the packages on a bare Debian with systemd, too: about ten minutes
    #[arg(long, conflicts_with = "name")]
    packages: bool,
    /// Test an update from this earlier revision and back, too: it is built first
    #[arg(long, value_name = "REVISION")]
    upgrade: Option<String>,
    /// Only end the servers that plain `cargo test` left running, and remove their data
    #[arg(long)]
    stop_servers: bool,
}

/// Fails where a test does, or format or lints.
pub fn run(options: &Options) -> Result<ExitCode> {
    if options.stop_servers {
        stack::build()?;
        shown(stack::program("servers").arg("--stop"))?;
        return Ok(ExitCode::SUCCESS);
    }
    components()?;
    needs::ensure(&needs::ALL)?;
    if options.name.is_none() {
        needs::ensure(&needs::IN_A_BROWSER)?;
    }
    let selection = options.name.as_deref().map(Selection::find).transpose()?;
    if selection.is_none() {
        step("format", || {
            shown(&mut cargo(&["fmt", "--all", "--check"])).context("run `cargo fmt --all`")
        })?;
    }
    let mut programs = Vec::new();
    stack::beside(programs_of_registries, || {
        programs = part("building and linting (the first time takes minutes)", || {
            programs::build(selection.as_ref())
        })?;
        Ok(())
    })?;
    if selection
        .as_ref()
        .and_then(Selection::filter)
        .is_none_or(containers::is_meant)
    {
        containers::prepare(&mut programs)?;
    }
    let named = selection.as_ref().and_then(Selection::filter);
    if options.packages || named.is_some_and(packages::is_meant) {
        packages::prepare(&mut programs)?;
    }
    if let Some(revision) = &options.upgrade {
        upgrade::prepare(&mut programs, revision)?;
    }
    let mut totals = on_servers(options, selection.as_ref(), &programs)?;
    if selection.is_none() {
        step("types of the portal's scripts", scripts::types)?;
        totals += scripts::UNIT.run();
        totals += scripts::in_a_browser(options.browser);
    }
    println!("{totals}");
    Ok(if totals.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn on_servers(options: &Options, selection: Option<&Selection>, programs: &[Program]) -> Result<Totals> {
    let servers = step("PostgreSQL and RabbitMQ for the tests", Servers::start)?;
    let filter = selection.and_then(Selection::filter);
    let mut totals = Totals::default();
    for _ in 0..options.times {
        totals += run::all(programs, filter, options.jobs, servers.addresses());
        if !totals.is_good() {
            break;
        }
    }
    step("ending the servers", || servers.stop())?;
    if totals.is_empty() {
        bail!("no test is called so: give a crate, or a part of a test's name");
    }
    Ok(totals)
}

/// What the tests use of npm and PyPI.
fn programs_of_registries() -> Result<()> {
    stack::node_programs()?;
    tools::install()
}

/// Format and lints are components of the toolchain.
fn components() -> Result<()> {
    for (component, program) in [("rustfmt", "rustfmt"), ("clippy", "cargo-clippy")] {
        let version = Command::new(program).arg("--version").output();
        if !version.is_ok_and(|output| output.status.success()) {
            shown(Command::new("rustup").args(["component", "add", component]))
                .with_context(|| format!("{program} is missing: install the component {component}"))?;
        }
    }
    Ok(())
}
