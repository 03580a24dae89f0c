//! The plan's prediction for the scenario `audience`, beside a real run of it.
//!
//! In `audience` the system sets the pace: everything shares the cores of one machine, and a new
//! request is sent when another was answered. So its time follows from the processor time of an
//! application over all processes, with tokens as in the run (`limits --token eddsa`). The load
//! generator is no part of a plan: what it took is read from the run.

use std::fmt::Write as _;

use anyhow::ensure;
use serde::Serialize;

use super::costs::{Costs, Growth};
use super::packing;
use crate::page::units::{count, duration, figure};
use crate::scenario::run_report::RunReport;

/// Steps towards the rate at which all cores are busy; each brings it much nearer.
const STEPS: u32 = 20;
/// The scenario whose runs can be compared.
const SCENARIO: &str = "audience";
/// Name of the load generator among the processes of a run.
const GENERATOR: &str = "loadtests";

/// A prediction beside a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// Applications that were accepted.
    pub applications: u64,
    /// The run's command.
    pub command: String,
    /// Each figure.
    pub compared: Vec<Compared>,
}

/// A figure of both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Its name, with its unit.
    pub name: String,
    /// Of the plan.
    pub predicted: f64,
    /// Of the run.
    pub measured: f64,
    /// By how many percent the prediction is above (or below) the run.
    pub deviation_percent: f64,
}

impl Compared {
    fn new(name: &str, predicted: f64, measured: f64) -> Self {
        Self {
            name: name.to_owned(),
            predicted,
            measured,
            deviation_percent: (predicted / measured - 1.0) * 100.0,
        }
    }
}

impl Check {
    pub(super) fn of(report: &RunReport, costs: &Costs, growth: &Growth) -> anyhow::Result<Self> {
        ensure!(
            report.scenario == SCENARIO,
            "the run is one of `{}`, and the prediction is for `{SCENARIO}`",
            report.scenario
        );
        let accepted = report.sums.accepted;
        ensure!(accepted > 0, "the run accepted nothing");
        let cores = report.machine.cores as f64;
        ensure!(cores > 0.0, "the run does not say how many cores it had");
        let each = |name: &str| used(report, name) / accepted as f64;
        let postgres = costs.postgres_us * growth.mean_cost(0.0, accepted as f64);
        let generator = each(GENERATOR);
        let others = costs.intake_us + costs.worker_us + postgres + generator;
        let per_second = rate(cores * costs.busy, others, costs);
        let broker = broker_cores(per_second, costs) * 1e6 / per_second;
        let parts = [
            Compared::new("intake, µs an application", costs.intake_us, each("intake")),
            Compared::new("broker", broker, each("rabbitmq")),
            Compared::new("worker", costs.worker_us, each("worker")),
            Compared::new("PostgreSQL", postgres, each("postgres")),
        ];
        for part in &parts {
            ensure!(
                part.measured > 0.0,
                "the run has no processor time of `{}`",
                part.name
            );
        }
        let predicted: f64 = parts.iter().map(|part| part.predicted).sum();
        let measured: f64 = parts.iter().map(|part| part.measured).sum();
        let busy = (measured + generator) * accepted as f64 / 1e6 / report.settled_after_s / cores;
        let seconds = accepted as f64 / per_second;
        let mut compared = parts.to_vec();
        compared.extend([
            Compared::new("the system together", predicted, measured),
            Compared::new("cores busy, %", costs.busy * 100.0, busy * 100.0),
            Compared::new(
                "seconds until all are registered",
                seconds,
                report.settled_after_s,
            ),
        ]);
        Ok(Self {
            applications: accepted,
            command: report.command.clone(),
            compared,
        })
    }

    /// Returns the check for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} applications of `{}`\n\n{:<42} {:>12} {:>12} {:>12}\n",
            count(self.applications),
            self.command,
            "",
            "predicted",
            "measured",
            "deviation"
        );
        for one in &self.compared {
            let value = |value: f64| {
                if one.name.starts_with("seconds") {
                    duration(value)
                } else {
                    figure(value)
                }
            };
            // writing to a string does not fail
            let _ = writeln!(
                text,
                "{:<42} {:>12} {:>12} {:>10.1} %",
                one.name,
                value(one.predicted),
                value(one.measured),
                one.deviation_percent
            );
        }
        text
    }
}

/// Returns the applications a second that keep so many cores busy: each takes so many microseconds
/// beside the broker's part.
fn rate(cores: f64, others_us: f64, costs: &Costs) -> f64 {
    let without_broker = cores * 1e6 / others_us;
    (0..STEPS).fold(without_broker, |rate, _| {
        let left = cores - broker_cores(rate, costs);
        // a broker that needs all of them leaves a little
        left.max(cores / 100.0) * 1e6 / others_us
    })
}

/// Returns the broker's cores while an intake and a worker pass on so many applications a second.
fn broker_cores(per_second: f64, costs: &Costs) -> f64 {
    let messages = packing::messages(per_second, 1, 1);
    costs.publish.cores(per_second, messages) + costs.deliver.cores(per_second, messages)
}

/// Returns microseconds of processor time of all processes whose name begins so.
fn used(report: &RunReport, name: &str) -> f64 {
    let sampled = report
        .seconds
        .iter()
        .filter(|second| !second.processes.is_empty());
    let sampled: Vec<f64> = sampled
        .map(|second| {
            let of_name = second
                .processes
                .iter()
                .filter(|(process, _)| process.starts_with(name));
            of_name.map(|(_, usage)| usage.cores).sum()
        })
        .collect();
    let mean = sampled.iter().sum::<f64>() / sampled.len().max(1) as f64;
    mean * report.settled_after_s * 1e6
}
