//! Every alert, by a real fault, in a real Prometheus and Alertmanager.
//!
//! A [`Trial`] strikes one fault. Its alerts have to fire at Alertmanager, and to resolve once the
//! fault is mended. Minutes and hours of the rules are shorter here ([`Pace::SHORT`]); expressions,
//! labels and thresholds are those that are shipped.

mod console;
mod does;
mod load;
mod queries;
mod runbooks;
mod stage;
pub mod table;
pub mod trial;
mod watch;

use std::path::PathBuf;

use clap::Args;
use sportello_stack::Pace;

use crate::alerts::stage::Stage;
pub use crate::alerts::trial::{Length, Trial};
pub use crate::alerts::watch::Seen;

/// The pace of the rules in trials.
pub const PACE: Pace = Pace::SHORT;

/// Options of `alerts`.
#[derive(Debug, Args)]
pub struct Options {
    /// A trial to make; may be repeated. All by default.
    #[arg(long, value_name = "NAME")]
    trial: Vec<String>,
    /// Document whose table gets the rows of this run.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// Makes the trials, and prints what was seen.
///
/// # Errors
/// An alert did not fire or did not resolve, or a part does not start.
#[allow(clippy::print_stdout, reason = "its report is its output")]
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let named =
        |trial: &&Trial| options.trial.is_empty() || options.trial.iter().any(|name| name == trial.name);
    let trials: Vec<&'static Trial> = Trial::all().filter(named).collect();
    anyhow::ensure!(!trials.is_empty(), "no trial is called so");
    let seen = make(&trials, |line| println!("{line}")).await?;
    if let Some(path) = &options.markdown {
        table::write(path, &seen)?;
    }
    Ok(())
}

/// Starts a system with its monitoring, checks that all queries find something under load, and
/// makes the trials. Those that take long go on beside the others.
///
/// # Errors
/// A query finds nothing; an alert did not fire or did not resolve; or a part does not start.
pub async fn make(trials: &[&'static Trial], tell: impl Fn(&str)) -> anyhow::Result<Vec<Seen>> {
    tell("starting a private system with its monitoring");
    let mut stage = Stage::start().await?;
    tell(&format!(
        "its logs are in {}",
        stage.scene.system.folder().join("logs").display()
    ));
    stage.is_quiet().await?;
    queries::check(&stage).await?;
    tell("nothing fires, and every query finds something");
    runbooks::run(&mut stage).await?;
    tell("every command of the runbooks works");
    let (slow, others): (Vec<_>, Vec<_>) = trials
        .iter()
        .copied()
        .partition(|trial| trial.length == Length::Slow);
    let mut seen = Vec::new();
    let mut striking = Vec::new();
    for trial in slow {
        tell(&format!("{}: {}", trial.name, trial.fault));
        striking.push((trial, stage.strike(trial).await?));
    }
    for trial in others {
        tell(&format!("{}: {}", trial.name, trial.fault));
        let struck = stage.strike(trial).await?;
        seen.extend(stage.see(trial, struck, &tell).await?);
    }
    for (trial, struck) in striking {
        seen.extend(stage.see(trial, struck, &tell).await?);
    }
    stage.stop().await?;
    Ok(seen)
}
