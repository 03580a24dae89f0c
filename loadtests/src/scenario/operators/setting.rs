//! The console of a scenario, as in its file, and its start beside a private system.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::Url;
use serde::Deserialize;
use sportello_faults::{Manner, Proxy};
use sportello_stack::{Account, Part, System};

use super::console::Console;
use super::prometheus::{Alerts, Prometheus};
use crate::scenario::run_report::OperatorSecond;
use crate::system::private_system::{PrivateSystem, programs};

/// From a run's begin until the last number that an operator sets ends by itself, at least.
const LONGEST: Duration = Duration::from_hours(6);
/// Longest wait until the console shows the end.
const SHOWN_WITHIN: Duration = Duration::from_secs(90);
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// Seconds of the end that are shown: Prometheus evaluates its rules every five.
const SECONDS_MORE: u32 = 12;

/// The console of a scenario, as in its file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Seconds by which the console's counts may be behind those outside.
    pub behind_s: usize,
    /// Whether the console starts and stops the workers.
    #[serde(default)]
    pub automatic: bool,
    /// Delay of each way between workers and database, in milliseconds. A worker settles less then,
    /// so that several are worth something on few cores.
    #[serde(default)]
    pub database_ms: u64,
    /// Faults that the seed chooses, while applications arrive.
    #[serde(default)]
    pub faults: u32,
    /// Numbers of workers that an operator sets in turn.
    pub turns: Option<Turns>,
    /// Fewest estimates of the time to drain that have to be checked.
    #[serde(default)]
    pub estimates: usize,
    /// Seconds from the drain within which console, metric and alert name a message that was taken.
    pub named_within_s: Option<f64>,
}

/// Numbers of workers that an operator sets in turn, from the first arrival on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turns {
    workers: Vec<u16>,
    every_s: f64,
    times: u32,
}

/// A console that runs, and what belongs to it.
pub struct Operators {
    console: Console,
    /// Numbers of workers to set in turn.
    turns: Option<Turns>,
    /// Prometheus with the shipped alerts, where a message is taken.
    prometheus: Option<Prometheus>,
    /// The way from the workers to the database, as long as it is used.
    _wire: Option<Proxy>,
}

/// What operators see: the console, and Prometheus where it runs.
#[derive(Clone)]
pub struct View {
    console: Console,
    alerts: Option<Alerts>,
}

impl Setting {
    /// Starts the console, and the workers anew where their database is far away.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn start(&self, system: &mut PrivateSystem) -> anyhow::Result<Operators> {
        let wire = self.far_away(system).await?;
        let mut setup = system.setup().clone();
        setup.console = true;
        if self.automatic {
            let this = programs()?.join("loadtests");
            ensure!(this.is_file(), "{} is missing: build it", this.display());
            let folder = system.folder().display().to_string();
            setup.worker_command = Some(format!("{} workers {folder}", this.display()));
        }
        system.set_up(setup)?;
        system.start_part(Part::Console).await?;
        let prometheus = match self.named_within_s {
            Some(_) => Some(Prometheus::start(system).await?),
            None => None,
        };
        Ok(Operators {
            console: Console::of(system)?,
            prometheus,
            turns: self.turns.clone(),
            _wire: wire,
        })
    }

    /// Moves the database away from the workers.
    async fn far_away(&self, system: &mut PrivateSystem) -> anyhow::Result<Option<Proxy>> {
        if self.database_ms == 0 {
            return Ok(None);
        }
        let mut address = Url::parse(&system.database_url_of(Account::Worker))?;
        let wire = Proxy::to(address.port().context("the database has no port")?)?;
        wire.set(Manner::Slow(Duration::from_millis(self.database_ms)));
        ensure!(
            address.set_port(Some(wire.port())).is_ok(),
            "the database has no host"
        );
        let mut setup = system.setup().clone();
        let of_workers = setup.settings_by_part.entry("worker".to_owned()).or_default();
        of_workers.insert("DATABASE_URL".to_owned(), address.into());
        system.set_up(setup)?;
        for number in 1..=system.workers() {
            system.start_part(Part::Worker(number)).await?;
        }
        Ok(Some(wire))
    }
}

impl Operators {
    /// Returns what operators see, to look at it on another thread.
    #[must_use]
    pub fn view(&self) -> View {
        View {
            console: self.console.clone(),
            alerts: self.prometheus.as_ref().map(Prometheus::alerts),
        }
    }

    /// Lets the operator set their numbers.
    ///
    /// # Errors
    /// The console does not take one.
    pub async fn take_turns(operators: Option<&Self>, begun: Instant) -> anyhow::Result<()> {
        match operators.map(|it| (it.turns.clone(), it.console.clone())) {
            Some((Some(turns), console)) => turns.take(console, begun).await,
            Some((None, _)) | None => Ok(()),
        }
    }

    /// Waits until the console shows that nothing waits, or names a loss where there is one, and
    /// some seconds more. Where it does not, the promises say so.
    pub async fn shows_the_end(&self, is_lost: bool) {
        let begun = Instant::now();
        let mut seconds = 0;
        while begun.elapsed() < SHOWN_WITHIN && seconds < SECONDS_MORE {
            tokio::time::sleep(BETWEEN_LOOKS).await;
            let shown = self.console.look().await;
            let is_shown =
                |shown: OperatorSecond| shown.outstanding == Some(0) && (!is_lost || shown.gap.is_some());
            seconds += u32::from(shown.is_some_and(is_shown));
        }
    }
}

impl View {
    /// Returns what is shown now; `None` where the console does not answer.
    pub async fn look(&self, system: &System) -> Option<OperatorSecond> {
        let shown = self.console.look().await?;
        let Some(alerts) = &self.alerts else {
            return Some(shown);
        };
        Some(OperatorSecond {
            metric_lost: self.console.lost_messages(system).await,
            alert: alerts.fires().await,
            ..shown
        })
    }
}

impl Turns {
    /// Sets each number in its turn, and then gives the workers back to the automatic.
    async fn take(self, console: Console, begun: Instant) -> anyhow::Result<()> {
        let at = |turn: u32| begun + Duration::from_secs_f64(self.every_s * f64::from(turn));
        for (workers, turn) in self.workers.iter().cycle().zip(0..self.times) {
            tokio::time::sleep_until(at(turn).into()).await;
            console.set_workers(Some(*workers), LONGEST).await?;
        }
        tokio::time::sleep_until(at(self.times).into()).await;
        console.set_workers(None, LONGEST).await
    }
}
