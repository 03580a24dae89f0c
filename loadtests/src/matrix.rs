//! Every fault under load, each with its ledger.

#![allow(clippy::print_stdout, reason = "its report is its output")]

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;

use crate::faults::Fault;
use crate::laboratory::{Laboratory, Trial};
use crate::open_loop::Schedule;
use crate::reliability;
use crate::report::{FaultReport, table};

/// What is done, and where the figures go.
#[derive(Debug, Args)]
pub struct Options {
    /// Applications a second.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    /// How long they arrive at each fault, in seconds; it begins after a quarter of it, and ends after another quarter.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// What to do; may be given several times. Everything without it.
    #[arg(long, value_name = "NAME", value_parser = a_fault())]
    fault: Vec<&'static Fault>,
    /// In place of one after the other: for so many seconds whatever chance says, several faults at once too.
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["fault", "seconds", "markdown"])]
    random: Option<u64>,
    /// Makes the same people, and the same faults by chance, again. Random without it.
    #[arg(long)]
    seed: Option<u64>,
    /// Where to keep the ledgers, as files of JSON lines; they go with the private system without it.
    #[arg(long, value_name = "FOLDER")]
    ledgers: Option<PathBuf>,
    /// Where to write the figures, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The document whose table is to have the rows of this run.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

fn a_fault() -> impl clap::builder::TypedValueParser<Value = &'static Fault> {
    let names = Fault::all().map(|fault| fault.name);
    PossibleValuesParser::new(names).try_map(|name| Fault::named(&name).ok_or("there is no such fault"))
}

/// Does what the options say, and prints what came of it.
///
/// # Errors
/// A promise was broken, or something else failed.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let seed = options.seed.unwrap_or_else(rand::random);
    println!("starting a private system; seed {seed}");
    let mut laboratory = Laboratory::start(seed, options.ledgers.as_deref()).await?;
    println!(
        "it runs, and logs to {}",
        laboratory.folder().join("logs").display()
    );
    let reports = match options.random {
        Some(seconds) => vec![laboratory.run_random(seed, load(options.rate, seconds)).await?],
        None => one_by_one(&mut laboratory, &options).await?,
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

async fn one_by_one(laboratory: &mut Laboratory, options: &Options) -> anyhow::Result<Vec<FaultReport>> {
    let named = &options.fault;
    let is_wanted = |fault: &&Fault| named.is_empty() || named.iter().any(|one| one.name == fault.name);
    let trial = Trial::in_quarters(load(options.rate, options.seconds));
    let mut reports = Vec::new();
    for fault in Fault::all().filter(is_wanted) {
        println!("{fault}: {}", fault.sentence);
        let report = laboratory.run(fault, trial).await?;
        reports.push(report);
    }
    Ok(reports)
}

fn load(rate: u32, seconds: u64) -> Schedule {
    Schedule {
        rate,
        duration: Duration::from_secs(seconds),
    }
}
