//! `plan`: how many brokers, intakes and workers, and how much disk, an audience needs.
//!
//! Pure reckoning: it starts nothing. Costs come from files that `limits` and `register` measured,
//! everything else is an assumption that the plan names. `--audience-check` compares its own
//! prediction with a real run of the scenario `audience`.

mod assumptions;
mod check;
mod costs;
mod curve;
mod drain;
mod packing;
mod page;
mod sizing;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use jiff::civil::Time;
use serde::Serialize;

pub use self::assumptions::Assumption;
pub use self::check::{Check, Compared};
use self::costs::{Costs, Growth};
use self::curve::{Curve, HOUR, MINUTE};
pub use self::drain::Point;
pub use self::sizing::{Broker, Database, Drain, Plan};
use crate::scenario::run_report::RunReport;

const DAY: f64 = 24.0 * HOUR;
/// Far above any country, and small enough for a plan of seconds.
const MOST_PEOPLE: f64 = 2e9;

/// Options of `plan`.
#[derive(Debug, Clone, PartialEq, Args, Serialize)]
pub struct Options {
    /// People who apply.
    #[arg(long, default_value_t = 5_350_000)]
    pub people: u64,
    /// Applications of each person, in the mean.
    #[arg(long, default_value_t = 1.0)]
    pub applications_each: f64,
    /// Requests of intake for each application: with those that are refused or sent again.
    #[arg(long, default_value_t = 1.2)]
    pub requests_each: f64,
    /// Share of the applications that intermediaries send, from 0 to 1.
    #[arg(long, default_value_t = 0.15)]
    pub intermediaries: f64,
    /// When the doors open.
    #[arg(long, default_value = "00:00")]
    pub opens: Time,
    /// Hours from the opening to the last application.
    #[arg(long, default_value_t = 7.5)]
    pub hours: f64,
    /// Minutes of the rush at the opening.
    #[arg(long, default_value_t = 30.0)]
    pub rush_minutes: f64,
    /// Share of the applications that come in the rush, from 0 to 1.
    #[arg(long, default_value_t = 0.25)]
    pub rush_share: f64,
    /// The first second of the rush over its mean second.
    #[arg(long, default_value_t = 2.5)]
    pub peak_factor: f64,
    /// When everything has to be registered: within a day of the opening.
    #[arg(long, default_value = "08:00")]
    pub registered_by: Time,
    /// Applications on the register before.
    #[arg(long, default_value_t = 0)]
    pub rows_before: u64,
    /// Cores of a machine, and so of an intake at most.
    #[arg(long, default_value_t = 8)]
    pub machine_cores: u32,
    /// Fewest processes of each service: 2, so that one may fail, and three broker nodes with them.
    /// With 1 there is one of each, and one broker node.
    #[arg(long, default_value_t = 2)]
    pub copies: u32,
    /// Figures of `limits`. By default the committed sample.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub limits: Option<PathBuf>,
    /// Figures of `register`. By default the committed sample.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub register: Option<PathBuf>,
    /// Compare the prediction for the scenario `audience` with the figures of a real run, as
    /// `run audience --json` wrote them. Nothing else is planned.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub audience_check: Option<PathBuf>,
    /// File for the plan, or the check, as JSON.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub json: Option<PathBuf>,
    /// File for the plan as a self-contained page, with the curves of arrivals, backlog and drain.
    #[arg(long, value_name = "FILE", conflicts_with = "audience_check")]
    #[serde(skip)]
    pub html: Option<PathBuf>,
}

impl Options {
    /// Returns seconds from the opening to the instant at which everything has to be registered.
    pub(crate) fn deadline_s(&self) -> f64 {
        let second = |time: Time| {
            f64::from(time.hour()) * HOUR + f64::from(time.minute()) * MINUTE + f64::from(time.second())
        };
        let between = (second(self.registered_by) - second(self.opens)).rem_euclid(DAY);
        if between > 0.0 { between } else { DAY }
    }

    /// Checks the options, all in one go, and returns the curve of arrivals.
    fn curve(&self) -> anyhow::Result<Curve> {
        let wrong = self.wrong();
        ensure!(wrong.is_empty(), "the plan can't be made: {}", wrong.join("; "));
        Ok(Curve {
            applications: self.people as f64 * self.applications_each,
            lasts_s: self.hours * HOUR,
            rush_s: self.rush_minutes * MINUTE,
            rush_share: self.rush_share,
            peak_factor: self.peak_factor,
        })
    }

    /// Returns what is wrong with the options, all in one go.
    fn wrong(&self) -> Vec<String> {
        let bounds = [
            ("--people", self.people as f64, 1.0, MOST_PEOPLE),
            ("--applications-each", self.applications_each, 0.01, 100.0),
            ("--requests-each", self.requests_each, 1.0, 100.0),
            ("--intermediaries", self.intermediaries, 0.0, 1.0),
            ("--hours", self.hours, 0.1, 24.0),
            ("--rush-minutes", self.rush_minutes, 1.0, 24.0 * 60.0),
            ("--rush-share", self.rush_share, 0.0, 1.0),
            ("--peak-factor", self.peak_factor, 1.0, 100.0),
            ("--rows-before", self.rows_before as f64, 0.0, 1e11),
            ("--machine-cores", self.machine_cores.into(), 1.0, 1_024.0),
            ("--copies", self.copies.into(), 1.0, 16.0),
        ];
        let outside = bounds
            .iter()
            .filter(|(_, value, least, most)| !(least..=most).contains(&value));
        let mut wrong: Vec<String> = outside
            .map(|(name, value, least, most)| {
                format!("{name} is {value}, and has to be from {least} to {most}")
            })
            .collect();
        let (rush, lasts) = (self.rush_minutes * MINUTE, self.hours * HOUR);
        if rush > lasts || (rush >= lasts && self.rush_share < 1.0) {
            wrong.push(format!(
                "--rush-minutes {} leave no time for the rest within --hours {}",
                self.rush_minutes, self.hours
            ));
        }
        if self.deadline_s() < lasts {
            wrong.push(format!(
                "--registered-by {} is {:.2} h after --opens {}, and the last application comes after {} h: \
                 set a later time, or fewer --hours",
                self.registered_by.strftime("%H:%M"),
                self.deadline_s() / HOUR,
                self.opens.strftime("%H:%M"),
                self.hours
            ));
        }
        wrong
    }
}

/// Makes the plan, or the check, and writes the files. Returns the text for the terminal.
///
/// # Errors
/// An option is out of its bounds, a file can't be read or written, or the deadline can't be met.
pub fn run(options: &Options) -> anyhow::Result<String> {
    let costs = Costs::read(options.limits.as_deref())?;
    let growth = Growth::read(options.register.as_deref())?;
    if let Some(file) = &options.audience_check {
        let check = Check::of(&read_run(file)?, &costs, &growth)?;
        write(options.json.as_deref(), &check)?;
        return Ok(check.text());
    }
    let plan = Plan::make(options, options.curve()?, &costs, &growth)?;
    write(options.json.as_deref(), &plan)?;
    let mut text = text::text(&plan);
    if let Some(file) = &options.html {
        fs::write(file, page::html(&plan)).with_context(|| format!("write {}", file.display()))?;
        text += &format!("\nthe page is {}\n", file.display());
    }
    Ok(text)
}

/// Makes the plan without writing it.
///
/// # Errors
/// An option is out of its bounds, a file can't be read, or the deadline can't be met.
pub fn plan(options: &Options) -> anyhow::Result<Plan> {
    let costs = Costs::read(options.limits.as_deref())?;
    let growth = Growth::read(options.register.as_deref())?;
    Plan::make(options, options.curve()?, &costs, &growth)
}

fn read_run(file: &Path) -> anyhow::Result<RunReport> {
    let name = file.display();
    let bytes = fs::read(file).with_context(|| format!("read {name}"))?;
    serde_json::from_slice(&bytes).with_context(|| {
        format!("{name} holds other figures than `loadtests run audience --json FILE` writes")
    })
}

fn write(file: Option<&Path>, figures: &impl Serialize) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    let json = serde_json::to_vec_pretty(figures)?;
    fs::write(file, json).with_context(|| format!("write {}", file.display()))
}

#[cfg(test)]
mod tests;
