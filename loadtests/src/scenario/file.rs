//! Scenarios: TOML files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use sportello_stack::{Part, folders};

use super::arrivals::{Stretch, exact, whole};
use crate::people::mix::Mix;
use crate::scenario::operators::chance;
use crate::scenario::operators::setting::Setting;

/// A scenario, as in its file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Description in a sentence or two.
    pub description: String,
    /// Mix of applicants.
    #[serde(default)]
    pub mix: Mix,
    /// Phases of arrivals, one after the other.
    pub phases: Vec<Phase>,
    /// Events during the load.
    #[serde(default)]
    pub events: Vec<PlannedEvent>,
    /// Goals.
    #[serde(default)]
    pub goals: Goals,
    /// Promises in addition to those of every scenario.
    #[serde(default)]
    pub promises: Promises,
    /// More environment variables of every service.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Number of workers.
    #[serde(default = "one")]
    pub workers: u16,
    /// Most scheduled requests in flight at once, each on its own connection. Waiting for a
    /// connection counts as latency.
    #[serde(default = "many_connections")]
    pub connections: u16,
    /// How long an application that was not accepted is sent again, in seconds; 0 means never.
    #[serde(default)]
    pub deadline_s: u64,
    /// Connections full of requests without a token, whose answers no client reads.
    #[serde(default)]
    pub strangers: u16,
    /// Tabs of a real browser, which send when the load begins. With some, the load goes through
    /// the gateway.
    #[serde(default)]
    pub tabs: u16,
    /// Whether the generator has priority over the services when cores are scarce, without
    /// interrupting them. It stands for other machines: its own wait for a core would add to
    /// theirs.
    #[serde(default)]
    pub generator_first: bool,
    /// The operators' console beside it.
    pub console: Option<Setting>,
}

/// A part of the load, with a length or a number of applications. Arrivals come at `per_second`;
/// evenly, with `lasts_s` and `applications`; with `in_flight`, always as many at once; or with
/// `times_capacity`, at a multiple of the rate accepted in the previous phase.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    lasts_s: Option<f64>,
    applications: Option<u64>,
    per_second: Option<f64>,
    peaks: Option<Peaks>,
    in_flight: Option<u32>,
    times_capacity: Option<f64>,
}

/// Short peaks of arrivals.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peaks {
    per_second: f64,
    every_s: f64,
    last_s: f64,
}

/// A planned event on a part of the system.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedEvent {
    /// Its time.
    pub at: When,
    /// Its action.
    #[serde(rename = "do")]
    pub deed: Deed,
    /// Its part: `postgres`, `rabbitmq`, `intake`, `status`, `worker-1`.
    #[serde(deserialize_with = "target")]
    pub part: Target,
}

/// The time of an event.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum When {
    /// Seconds after the first arrival is due.
    Seconds(f64),
    /// At an end of the load.
    End(End),
}

/// An end of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Before the first arrival.
    Before,
    /// After the last answer.
    After,
}

/// The action on a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Stopped in order.
    Stop,
    /// Started, and waited for.
    Start,
    /// Killed (`kill -9`).
    Kill,
    /// Frozen (SIGSTOP).
    Freeze,
    /// Resumed (SIGCONT).
    Thaw,
    /// Waited for until the console has started it again.
    AwaitStart,
    /// Of the broker: the first message of the citizens' queue is taken out, for good.
    Take,
}

/// A part that an event can strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The benefits database.
    Postgres,
    /// The broker.
    RabbitMq,
    /// A service.
    Part(Part),
}

/// Goals of a scenario.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Goals {
    /// 99th percentile of accepted attempts, in milliseconds, at most.
    pub p99_ms: Option<f64>,
    /// From the first arrival until everything is settled, in seconds, at most.
    pub settled_s: Option<f64>,
    /// Applications accepted a second in a phase with `times_capacity`, divided by the capacity, at
    /// least.
    pub goodput: Option<f64>,
    /// Largest memory of a process, in MiB.
    pub memory_mib: BTreeMap<String, f64>,
}

/// Promises of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Promises {
    /// Every answer comes within this many milliseconds.
    pub answer_within_ms: u64,
    /// Every valid application is accepted at its first attempt.
    pub all_accepted: bool,
    /// All accepted applications are settled within this many seconds after the last answer and the
    /// last event.
    pub drained_within_s: u64,
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            answer_within_ms: 1_000,
            all_accepted: false,
            drained_within_s: 1_800,
        }
    }
}

/// A load that is prepared, sent and answered as a whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Leg {
    /// By a schedule.
    Scheduled(Vec<Stretch>),
    /// A constant number in flight.
    Saturating {
        /// Requests in flight.
        in_flight: u32,
        /// Most applications.
        applications: u64,
        /// Length, if it ends before all are answered.
        lasts: Option<Duration>,
    },
    /// By a schedule that follows from the capacity.
    TimesCapacity {
        /// Multiple of the capacity.
        times: f64,
        /// Length.
        lasts: Duration,
    },
}

/// Changes to a scenario for one run.
#[derive(Debug, Clone, Copy)]
pub struct Compression {
    /// Speed-up of time: the same arrivals in less time.
    pub speed: f64,
    /// Multiple of the arrivals.
    pub scale: f64,
}

/// Returns the default: as many connections as clients without a load balancer use.
fn many_connections() -> u16 {
    8_000
}

/// Most applications of a phase without its own limit.
const MANY: u64 = 10_000_000;

impl Scenario {
    /// Loads the scenario with this name, or from the file at this path. Returns its name too.
    ///
    /// # Errors
    /// There is none, or its content is not valid.
    pub fn load(name: &str) -> anyhow::Result<(String, Self)> {
        let shipped = shipped().join(format!("{name}.toml"));
        let path = if shipped.is_file() {
            shipped
        } else {
            PathBuf::from(name)
        };
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "no scenario is called {name}: use {}, or the path of a file",
                names()
            )
        })?;
        let scenario = Self::parse(&text).with_context(|| format!("the scenario {}", path.display()))?;
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or(name);
        Ok((stem.to_owned(), scenario))
    }

    /// Parses a scenario.
    ///
    /// # Errors
    /// Its content is not valid.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let scenario: Self = toml::from_str(text)?;
        ensure!(
            scenario.mix.is_possible(),
            "[mix]: the shares add up to more than 100"
        );
        ensure!(scenario.workers > 0, "workers: at least 1");
        ensure!(!scenario.phases.is_empty(), "there is no [[phases]]");
        ensure!(
            scenario.console.is_none() || scenario.tabs == 0,
            "tabs and [console] exclude each other"
        );
        let unchanged = Compression {
            speed: 1.0,
            scale: 1.0,
        };
        scenario.legs(unchanged)?;
        Ok(scenario)
    }

    /// Returns its phases; consecutive scheduled ones are merged.
    ///
    /// # Errors
    /// A phase is not valid.
    pub fn legs(&self, by: Compression) -> anyhow::Result<Vec<Leg>> {
        let mut legs: Vec<Leg> = Vec::new();
        for (index, phase) in self.phases.iter().enumerate() {
            let leg = phase.leg(by).with_context(|| format!("phase {}", index + 1))?;
            match (legs.last_mut(), leg) {
                (Some(Leg::Scheduled(before)), Leg::Scheduled(more)) => before.extend(more),
                (None, Leg::TimesCapacity { .. }) => {
                    bail!("phase 1: times_capacity needs a phase with in_flight before it")
                }
                (_, leg) => legs.push(leg),
            }
        }
        Ok(legs)
    }
}

impl Scenario {
    /// Adds the faults that the seed chooses, for this schedule.
    pub fn strike(&mut self, seed: u64, stretches: &[Stretch]) {
        let faults = self.console.as_ref().map_or(0, |console| console.faults);
        let load = stretches.iter().map(|stretch| stretch.lasts).sum();
        self.events.extend(chance::faults(faults, seed, load));
    }
}

impl Leg {
    /// Returns its schedule, as far as it is known beforehand.
    #[must_use]
    pub fn stretches(&self) -> &[Stretch] {
        match self {
            Self::Scheduled(stretches) => stretches,
            Self::Saturating { .. } | Self::TimesCapacity { .. } => &[],
        }
    }
}

impl Phase {
    fn leg(&self, by: Compression) -> anyhow::Result<Leg> {
        let positive = |number: Option<f64>| number.is_none_or(|number| number >= 0.0 && number.is_finite());
        ensure!(
            positive(self.lasts_s) && positive(self.per_second) && positive(self.times_capacity),
            "a number is below zero"
        );
        let lasts = self
            .lasts_s
            .map(|seconds| Duration::from_secs_f64(seconds / by.speed));
        let applications = self.applications.map(|number| whole(exact(number) * by.scale));
        match *self {
            Self {
                in_flight: Some(in_flight),
                per_second: None,
                times_capacity: None,
                peaks: None,
                ..
            } => {
                ensure!(in_flight > 0, "in_flight: at least 1");
                ensure!(
                    applications.is_some(),
                    "in_flight needs applications: how many at most"
                );
                let applications = applications.unwrap_or_default().min(MANY);
                Ok(Leg::Saturating {
                    in_flight,
                    applications,
                    lasts,
                })
            }
            Self {
                times_capacity: Some(times),
                per_second: None,
                in_flight: None,
                applications: None,
                peaks: None,
                ..
            } => {
                let lasts = lasts.context("times_capacity needs lasts_s")?;
                Ok(Leg::TimesCapacity { times, lasts })
            }
            Self {
                in_flight: None,
                times_capacity: None,
                peaks,
                ..
            } => {
                let lasts = lasts.context("lasts_s is missing")?;
                let per_second = match (self.per_second, applications) {
                    (Some(rate), None) => rate * by.scale * by.speed,
                    (None, Some(applications)) => exact(applications) / lasts.as_secs_f64(),
                    _ => bail!("either per_second or applications"),
                };
                let base = Stretch { lasts, per_second };
                Ok(Leg::Scheduled(
                    peaks.map_or_else(|| Ok(vec![base]), |peaks| peaks.on(base, by))?,
                ))
            }
            _ => bail!("per_second, in_flight and times_capacity exclude each other"),
        }
    }
}

impl Peaks {
    /// Returns the stretch with these peaks, each at the end of its interval.
    fn on(self, base: Stretch, by: Compression) -> anyhow::Result<Vec<Stretch>> {
        ensure!(
            0.0 < self.last_s && self.last_s < self.every_s,
            "peaks last longer than what is between them"
        );
        let every = Duration::from_secs_f64(self.every_s / by.speed);
        let peak = Stretch {
            lasts: Duration::from_secs_f64(self.last_s / by.speed),
            per_second: self.per_second * by.scale * by.speed,
        };
        let mut stretches = Vec::new();
        let mut left = base.lasts;
        while left >= every {
            let lasts = every - peak.lasts;
            stretches.extend([Stretch { lasts, ..base }, peak]);
            left -= every;
        }
        stretches.push(Stretch { lasts: left, ..base });
        Ok(stretches)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Postgres => f.write_str("postgres"),
            Self::RabbitMq => f.write_str("rabbitmq"),
            Self::Part(part) => part.fmt(f),
        }
    }
}

fn target<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Target, D::Error> {
    let text = String::deserialize(from)?;
    match text.as_str() {
        "postgres" => Ok(Target::Postgres),
        "rabbitmq" => Ok(Target::RabbitMq),
        "worker" => Ok(Target::Part(Part::Worker(1))),
        other => other.parse().map(Target::Part).map_err(serde::de::Error::custom),
    }
}

fn one() -> u16 {
    1
}

/// Returns the folder of the shipped scenarios.
#[must_use]
pub fn shipped() -> PathBuf {
    folders::workspace().join("loadtests/scenarios")
}

fn names() -> String {
    let entries = std::fs::read_dir(shipped()).into_iter().flatten().flatten();
    let stem = |path: &Path| path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
    let mut names: Vec<String> = entries.filter_map(|entry| stem(&entry.path())).collect();
    names.sort();
    names.join(", ")
}

#[cfg(test)]
mod tests;
