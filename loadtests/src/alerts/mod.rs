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

use anyhow::ensure;
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

/// What came of the trials.
#[derive(Debug, Default)]
pub struct Made {
    /// The alerts that fired and were resolved.
    pub seen: Vec<Seen>,
    /// What went wrong, in words.
    pub wrong: Vec<String>,
}

/// Makes the trials, and prints what was seen.
///
/// # Errors
/// An alert did not fire or did not resolve, or a part does not start.
#[allow(clippy::print_stdout, reason = "its report is its output")]
pub async fn run(options: &Options) -> anyhow::Result<()> {
    let named = |trial: &&Trial| {
        let wanted = &options.trial;
        wanted.is_empty() || wanted.iter().any(|name| name == trial.name)
    };
    let trials: Vec<&'static Trial> = Trial::all().filter(named).collect();
    ensure!(!trials.is_empty(), "no trial is called so");
    let made = make(&trials, |line| println!("{line}")).await?;
    if let Some(path) = &options.markdown {
        table::write(path, &made.seen)?;
    }
    ensure!(made.wrong.is_empty(), "{}", made.wrong.join("\n"));
    Ok(())
}

/// Starts a system with its monitoring; checks under load that nothing fires, that all queries find
/// something and that the runbooks' commands work; and makes the trials. Slow ones go on beside the
/// others. After a trial that fails the others are made nevertheless.
///
/// # Errors
/// A part does not start, or a fault can't be struck.
pub async fn make(trials: &[&'static Trial], tell: impl Fn(&str)) -> anyhow::Result<Made> {
    tell("starting a private system with its monitoring");
    let mut stage = Stage::start().await?;
    let logs = stage.scene.system.folder().join("logs");
    tell(&format!("its logs are in {}", logs.display()));
    let mut made = Made::default();
    made.note(stage.is_quiet().await);
    made.note(queries::check(&stage).await);
    made.note(runbooks::run(&mut stage).await);
    let (slow, others): (Vec<_>, Vec<_>) =
        (trials.iter().copied()).partition(|trial| trial.length == Length::Slow);
    let mut striking = Vec::new();
    for trial in slow {
        tell(&format!("{}: {}", trial.name, trial.fault));
        striking.push((trial, stage.strike(trial).await?));
    }
    for trial in others {
        tell(&format!("{}: {}", trial.name, trial.fault));
        let struck = stage.strike(trial).await?;
        made.add(stage.see(trial, struck).await, &tell);
    }
    for (trial, struck) in striking {
        made.add(stage.see(trial, struck).await, &tell);
    }
    made.wrong.iter().for_each(|wrong| tell(wrong));
    stage.stop().await?;
    Ok(made)
}

impl Made {
    fn note(&mut self, result: anyhow::Result<()>) {
        self.wrong.extend(result.err().map(|error| format!("{error:#}")));
    }

    fn add(&mut self, result: anyhow::Result<Vec<Seen>>, tell: &impl Fn(&str)) {
        match result {
            Ok(seen) => {
                seen.iter().for_each(|one| tell(&format!("  {one}")));
                self.seen.extend(seen);
            }
            Err(error) => {
                tell(&format!("  {error:#}"));
                self.wrong.push(format!("{error:#}"));
            }
        }
    }
}
