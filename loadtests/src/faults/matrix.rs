//! Every fault under load, each with its ledger.

#![allow(clippy::print_stdout, reason = "its report is its output")]

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;

use crate::faults::Fault;
use crate::faults::laboratory::{Laboratory, Trial};
use crate::faults::reliability;
use crate::faults::report::{FaultReport, table};
use crate::http::open_loop::Schedule;

/// Options of `matrix`.
#[derive(Debug, Args)]
pub struct Options {
    /// Applications a second.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    /// Length of the load for each fault, in seconds (more for some of a cluster); the fault begins
    /// after a quarter of it, and ends after another quarter.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// A fault to run; may be repeated. All faults by default.
    #[arg(long, value_name = "NAME", value_parser = a_fault())]
    fault: Vec<&'static Fault>,
    /// Run random faults for this many seconds instead, several at once.
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["fault", "seconds", "markdown"])]
    random: Option<u64>,
    /// Repeats the same people and random faults. Random by default.
    #[arg(long)]
    seed: Option<u64>,
    /// Folder for the ledgers, as files of JSON lines; by default they are removed with the private
    /// system.
    #[arg(long, value_name = "FOLDER")]
    ledgers: Option<PathBuf>,
    /// File for the figures, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Document whose table gets the rows of this run.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

fn a_fault() -> impl clap::builder::TypedValueParser<Value = &'static Fault> {
    let names = Fault::all().map(|fault| fault.name);
    PossibleValuesParser::new(names).try_map(|name| Fault::named(&name).ok_or("there is no such fault"))
}

/// Runs the faults, and prints the results.
///
/// # Errors
/// A promise was broken, or something else failed.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let seed = options.seed.unwrap_or_else(rand::random);
    println!("seed {seed}");
    let reports = match options.random {
        Some(seconds) => {
            let mut laboratory = laboratory(seed, &options, false).await?;
            vec![laboratory.run_random(seed, load(options.rate, seconds)).await?]
        }
        None => one_by_one(seed, &options).await?,
    };
    print!("\n{}", table(&reports));
    if let Some(path) = options.json {
        std::fs::write(&path, serde_json::to_vec_pretty(&reports)?)
            .with_context(|| format!("write {}", path.display()))?;
    }
    if let Some(path) = options.markdown {
        reliability::write(&path, &reports)?;
    }
    ensure!(
        reports.iter().all(FaultReport::is_well),
        "a promise was broken: see above"
    );
    Ok(())
}

/// Starts the private system that these faults need.
async fn laboratory(seed: u64, options: &Options, cluster: bool) -> anyhow::Result<Laboratory> {
    let ledgers = options.ledgers.as_deref();
    let laboratory = if cluster {
        println!("starting a private system with three broker nodes and two database servers");
        Laboratory::start_cluster(seed, ledgers).await?
    } else {
        println!("starting a private system");
        Laboratory::start(seed, ledgers).await?
    };
    println!(
        "it runs, and logs to {}",
        laboratory.folder().join("logs").display()
    );
    Ok(laboratory)
}

async fn one_by_one(seed: u64, options: &Options) -> anyhow::Result<Vec<FaultReport>> {
    let named = &options.fault;
    let is_wanted = |fault: &&Fault| named.is_empty() || named.iter().any(|one| one.name == fault.name);
    let (in_cluster, single): (Vec<&'static Fault>, Vec<_>) = Fault::all()
        .filter(is_wanted)
        .partition(|one| one.needs_cluster());
    let mut reports = Vec::new();
    for (faults, cluster) in [(single, false), (in_cluster, true)] {
        if faults.is_empty() {
            continue;
        }
        let mut laboratory = laboratory(seed, options, cluster).await?;
        for fault in faults {
            println!("{fault}: {}", fault.sentence);
            let seconds = options.seconds * u64::from(fault.does.load_factor());
            let trial = Trial::in_quarters(load(options.rate, seconds));
            reports.push(laboratory.run(fault, trial).await?);
        }
    }
    Ok(reports)
}

fn load(rate: u32, seconds: u64) -> Schedule {
    Schedule {
        rate,
        duration: Duration::from_secs(seconds),
    }
}
