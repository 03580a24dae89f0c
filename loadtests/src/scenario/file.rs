//! What a scenario says: a TOML file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use sportello_local::{Part, folders};

use super::arrivals::{Stretch, exact, whole};
use crate::mix::Mix;

/// A scenario, as its file says it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it replays, in a sentence or two.
    pub description: String,
    /// Who is among those who apply.
    #[serde(default)]
    pub mix: Mix,
    /// How they arrive, one phase after the other.
    pub phases: Vec<Phase>,
    /// What is done to the system meanwhile.
    #[serde(default)]
    pub events: Vec<PlannedEvent>,
    /// What is aimed at.
    #[serde(default)]
    pub goals: Goals,
    /// What is promised beyond what always is.
    #[serde(default)]
    pub promises: Promises,
    /// Further environment variables of every service.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// How many workers run.
    #[serde(default = "one")]
    pub workers: u16,
    /// How many requests are on their way at once by a schedule at most, each on a connection of its own. Who waits for one
    /// is waiting for the answer already.
    #[serde(default = "many_connections")]
    pub connections: u16,
    /// How long an application that was not accepted is sent again, in seconds; at 0 it is not.
    #[serde(default)]
    pub patience_s: u64,
    /// Whether the generator goes before the services where the cores are too few, and interrupts none of them. It stands for
    /// machines of its own: if it had to wait for a core, its own line would be added to theirs.
    #[serde(default)]
    pub generator_first: bool,
}

/// A part of the load. It says how long it lasts or how many applications it has, and how they come: so many
/// `per_second`, or evenly, where it says `lasts_s` and `applications`; with `in_flight` always so many at once, each next
/// one when another was answered; or `times_capacity`, so many times what the phase before got accepted a second.
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

/// Short times in which more arrive.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peaks {
    per_second: f64,
    every_s: f64,
    last_s: f64,
}

/// What is done to a part of the system, and when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedEvent {
    /// When.
    pub at: When,
    /// What.
    #[serde(rename = "do")]
    pub deed: Deed,
    /// To which part: `postgres`, `rabbitmq`, `intake`, `status`, `worker-1`.
    #[serde(deserialize_with = "target")]
    pub part: Target,
}

/// When something is done.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum When {
    /// So many seconds after the first arrival is due.
    Seconds(f64),
    /// At one of the two ends.
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

/// What is done to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It is ended in order.
    Stop,
    /// It is started and waited for.
    Start,
    /// `kill -9`.
    Kill,
}

/// A part that something can be done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The benefits database.
    Postgres,
    /// The broker.
    RabbitMq,
    /// A service.
    Part(Part),
}

/// Figures that are aimed at.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Goals {
    /// Of all accepted attempts, in milliseconds at most.
    pub p99_ms: Option<f64>,
    /// From the first arrival until everything is settled, in seconds at most.
    pub settled_s: Option<f64>,
    /// Accepted a second in a phase with `times_capacity`, divided by the capacity, at least.
    pub goodput: Option<f64>,
    /// The most memory of a process, in MiB.
    pub memory_mib: BTreeMap<String, f64>,
}

/// What is promised.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Promises {
    /// Every answer comes within so many milliseconds.
    pub answer_within_ms: u64,
    /// Every valid application is accepted at its first attempt.
    pub all_accepted: bool,
    /// Everything accepted is settled within so many seconds after the last answer and the last event.
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

/// A load that is prepared, sent, and answered as a whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Leg {
    /// By a schedule.
    Scheduled(Vec<Stretch>),
    /// So many always on their way.
    Saturating {
        /// How many.
        in_flight: u32,
        /// How many there are at most.
        applications: u64,
        /// How long, where it is not until all are answered.
        lasts: Option<Duration>,
    },
    /// By a schedule that follows from the capacity.
    TimesCapacity {
        /// So many times.
        times: f64,
        /// How long.
        lasts: Duration,
    },
}

/// How a scenario is changed by whoever runs it.
#[derive(Debug, Clone, Copy)]
pub struct Compression {
    /// Time goes so many times faster: as many arrive in less of it.
    pub speed: f64,
    /// So many times as many arrive.
    pub scale: f64,
}

/// As many as reach the door without anybody between.
fn many_connections() -> u16 {
    8_000
}

/// A phase without a number of its own may have so many applications at most.
const MANY: u64 = 10_000_000;

impl Scenario {
    /// The scenario with this name, or in the file at this path. Gives its name with it.
    ///
    /// # Errors
    /// There is none, or it says something that can't be.
    pub fn load(name: &str) -> anyhow::Result<(String, Self)> {
        let shipped = shipped().join(format!("{name}.toml"));
        let path = if shipped.is_file() {
            shipped
        } else {
            PathBuf::from(name)
        };
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("no scenario {name}: there are {}, or the path of a file", names()))?;
        let scenario = Self::parse(&text).with_context(|| format!("the scenario {}", path.display()))?;
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or(name);
        Ok((stem.to_owned(), scenario))
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// It says something that can't be.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let scenario: Self = toml::from_str(text)?;
        ensure!(
            scenario.mix.is_possible(),
            "[mix]: more than a hundred of a hundred"
        );
        ensure!(scenario.workers > 0, "workers: at least 1");
        ensure!(!scenario.phases.is_empty(), "there is no [[phases]]");
        let unchanged = Compression {
            speed: 1.0,
            scale: 1.0,
        };
        scenario.legs(unchanged)?;
        Ok(scenario)
    }

    /// Its phases, those together that follow each other by one schedule.
    ///
    /// # Errors
    /// A phase can't be so.
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
    /// The stretch with these peaks in it, each at the end of its interval.
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

/// Where the scenarios are that ship.
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
mod tests {
    use super::*;

    const AS_IT_IS: Compression = Compression {
        speed: 1.0,
        scale: 1.0,
    };

    fn legs(phases: &str, by: Compression) -> anyhow::Result<Vec<Leg>> {
        Scenario::parse(&format!("description = \"d\"\n{phases}"))?.legs(by)
    }

    #[test]
    fn every_scenario_that_ships_is_right() {
        let names: Vec<_> = std::fs::read_dir(shipped()).unwrap().flatten().collect();
        assert!(names.len() >= 9);
        for entry in names {
            Scenario::load(entry.path().to_str().unwrap()).unwrap();
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (phases, expected) in [
            ("", "missing field `phases`"),
            ("phases = []", "there is no [[phases]]"),
            ("[[phases]]\nlasts_s = 1", "either per_second or applications"),
            ("[[phases]]\nper_second = 1", "lasts_s is missing"),
            ("[[phases]]\nlasts_s = 1\nper_second = -1", "below zero"),
            (
                "[[phases]]\nlasts_s = 1\ntimes_capacity = 3",
                "phase 1: times_capacity",
            ),
            ("[[phases]]\nper_minute = 1", "per_minute"),
            ("[[phases]]\nin_flight = 5", "in_flight needs applications"),
            (
                "[[phases]]\nlasts_s = 1\nper_second = 1\n[mix]\ninvalid = 101",
                "hundred",
            ),
            (
                "[[phases]]\nlasts_s = 1\nper_second = 1\n[[events]]\nat = 3\ndo = \"stop\"\npart = \"moon\"",
                "moon",
            ),
        ] {
            let error = format!("{:#}", legs(phases, AS_IT_IS).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
        let error = format!("{:#}", Scenario::load("no-such").unwrap_err());
        assert!(error.contains("smoke"), "{error}");
    }

    #[test]
    fn speed_takes_time_away_and_scale_arrivals() {
        let phases =
            "[[phases]]\nlasts_s = 100\nper_second = 10\n[[phases]]\nlasts_s = 50\napplications = 500";
        let by = Compression {
            speed: 10.0,
            scale: 2.0,
        };
        let stretch = |seconds, per_second| Stretch {
            lasts: Duration::from_secs(seconds),
            per_second,
        };
        let expected = vec![stretch(10, 200.0), stretch(5, 200.0)];
        assert_eq!(legs(phases, by).unwrap(), [Leg::Scheduled(expected)]);
    }

    #[test]
    fn peaks_are_at_the_end_of_each_interval() {
        let phases =
            "[[phases]]\nlasts_s = 25\nper_second = 1\npeaks = { per_second = 3, every_s = 10, last_s = 2 }";
        let Leg::Scheduled(stretches) = legs(phases, AS_IT_IS).unwrap().remove(0) else {
            panic!("another leg")
        };
        let seen: Vec<_> = stretches
            .iter()
            .map(|s| (s.lasts.as_secs(), s.per_second))
            .collect();
        assert_eq!(seen, [(8, 1.0), (2, 3.0), (8, 1.0), (2, 3.0), (5, 1.0)]);
    }
}
