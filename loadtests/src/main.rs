//! `cargo run --bin loadtests -- …`: load and faults on a private system.

#![allow(clippy::print_stdout, reason = "its report is its output")]

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use clap::{Args, Parser, Subcommand};
use loadtests::alerts;
use loadtests::bulk::{self, Bulk};
use loadtests::faults::matrix;
use loadtests::limits::{self, ContenderProcess};
use loadtests::page::command as page;
use loadtests::plan;
use loadtests::register::{self, report::RegisterReport};
use loadtests::scenario;
use loadtests::system::private_system::PrivateSystem;
use loadtests::system::serve::{self, Doors};
use loadtests::viewers;
use serde::Serialize;
use sportello_stack::System;

/// Load and faults on a private system, and the proof that nothing was lost.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run each fault under load in turn: parts are killed, frozen, restarted and cut off while
    /// applications arrive.
    Matrix(matrix::Options),
    /// Strike a fault for each alert beside Prometheus and Alertmanager: it has to fire, and to
    /// resolve once the fault is mended.
    Alerts(alerts::Options),
    /// Replay a scenario: scheduled arrivals, and a report that shows that nothing was lost.
    Run(scenario::Options),
    /// Upload a file of many applications as an intermediary, while citizens apply one by one.
    Bulk(BulkOptions),
    /// Measure intake and worker in turn with simpler contenders.
    Limits(limits::Options),
    /// Run one of those contenders as a process.
    #[command(subcommand, hide = true)]
    Contender(ContenderProcess),
    /// Measure what viewers of the operators' console cost broker, database and citizens.
    Viewers(viewers::Options),
    /// Reckon how many brokers, intakes and workers, and how much disk, an audience needs.
    Plan(Box<plan::Options>),
    /// Measure registering, reading and forgetting on a register of millions.
    Register(register::Options),
    /// Make a page of the figures of an earlier run.
    Page(page::Options),
    /// Start a private system, print its addresses and tokens as JSON, break and mend it as the
    /// input says, and stop it at the end of the input.
    #[command(hide = true)]
    Serve {
        /// With the portal, the console and the gateway
        #[arg(long)]
        portal: bool,
        /// With portal, API and identity provider at three sites with TLS
        #[arg(long, requires = "portal")]
        three_sites: bool,
        /// Let the console start and stop the workers
        #[arg(long, requires = "portal", conflicts_with = "three_sites")]
        hand: bool,
    },
    /// Set the number of workers of a private system, for its console; without a number, print how
    /// many run.
    #[command(hide = true)]
    Workers {
        /// Folder of the private system
        folder: PathBuf,
        /// Number of workers
        count: Option<u16>,
    },
}

#[derive(Args)]
struct BulkOptions {
    /// Rows of the file.
    #[arg(long, default_value_t = 100_000)]
    rows: u32,
    /// Citizens who apply each second, until all rows are registered.
    #[arg(long, default_value_t = 100)]
    citizens: u32,
    /// Seed of the people: the same seed gives the same people. Random by default.
    #[arg(long)]
    seed: Option<u64>,
    /// File for the figures, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    tokio::select! {
        result = run(Cli::parse().command) => result,
        _ = tokio::signal::ctrl_c() => bail!("interrupted: the private system is removed"),
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Matrix(options) => matrix::run(options).await,
        Command::Alerts(options) => alerts::run(&options).await,
        Command::Run(options) => replay(options).await,
        Command::Bulk(options) => bulk(options).await,
        Command::Limits(options) => limits(options).await,
        Command::Contender(contender) => contender.run().await,
        Command::Viewers(options) => view(options).await,
        Command::Plan(options) => {
            print!("{}", plan::run(&options)?);
            Ok(())
        }
        Command::Register(options) => fill(options).await,
        Command::Page(options) => {
            print!("{}", page::run(&options)?);
            Ok(())
        }
        Command::Serve {
            portal,
            three_sites,
            hand,
        } => serve(portal, three_sites, hand).await,
        Command::Workers { folder, count } => workers(&folder, count).await,
    }
}

async fn serve(portal: bool, three_sites: bool, hand: bool) -> anyhow::Result<()> {
    let mut system = if three_sites {
        PrivateSystem::start_at_three_sites().await?
    } else if hand {
        PrivateSystem::start_with_hand().await?
    } else if portal {
        PrivateSystem::start_with_portal().await?
    } else {
        PrivateSystem::start().await?
    };
    println!("{}", serde_json::to_string(&Doors::of(&system)?)?);
    serve::obey(&mut system, |line| println!("{line}")).await
}

async fn workers(folder: &Path, count: Option<u16>) -> anyhow::Result<()> {
    let mut system = System::at(folder)?;
    match count {
        Some(count) => system.set_workers(count).await?,
        None => println!("{}", system.running_workers()),
    }
    Ok(())
}

async fn replay(options: scenario::Options) -> anyhow::Result<()> {
    let report = scenario::run(&options, |line| println!("{line}")).await?;
    print!("{}", loadtests::page::text(&report));
    if let Some(path) = &options.html {
        page::write(&report, path)?;
    }
    write_figures(options.json, &report)?;
    ensure!(report.is_well(), "a promise was broken: see above");
    Ok(())
}

async fn bulk(options: BulkOptions) -> anyhow::Result<()> {
    let seed = options.seed.unwrap_or_else(rand::random);
    println!(
        "{} rows in one file, {} citizens a second; seed {seed}",
        options.rows, options.citizens
    );
    let report = bulk::run(Bulk {
        rows: options.rows,
        citizens: options.citizens,
        seed,
    })
    .await?;
    print!("{}", report.text());
    write_figures(options.json, &report)?;
    ensure!(report.is_well(), "a promise was broken: see above");
    Ok(())
}

async fn limits(options: limits::Options) -> anyhow::Result<()> {
    println!("starting a private system");
    let report = limits::run(&options, |turn| println!("{turn}")).await?;
    print!("{}", report.text());
    write_figures(options.json, &report)
}

async fn fill(options: register::Options) -> anyhow::Result<()> {
    let written = |report: &RegisterReport| write_figures(options.json.clone(), report);
    let report = register::run(&options, |line| println!("{line}"), written).await?;
    print!("{}", report.text());
    Ok(())
}

async fn view(options: viewers::Options) -> anyhow::Result<()> {
    let report = viewers::run(&options, |line| println!("{line}")).await?;
    print!("{}", report.text());
    write_figures(options.json, &report)?;
    ensure!(report.is_well(), "a promise was broken: see above");
    Ok(())
}

fn write_figures(file: Option<PathBuf>, figures: &impl Serialize) -> anyhow::Result<()> {
    let Some(path) = file else { return Ok(()) };
    std::fs::write(&path, serde_json::to_vec_pretty(figures)?)
        .with_context(|| format!("write {}", path.display()))
}
