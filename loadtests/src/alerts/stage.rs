//! A whole system under a small load, with Prometheus and Alertmanager beside it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sportello_stack::{Monitoring, Part};
use tokio::time::sleep;

use crate::alerts::PACE;
use crate::alerts::console::Console;
use crate::alerts::does::{Held, StandIn};
use crate::alerts::load::Load;
use crate::alerts::trial::Trial;
use crate::alerts::watch::{self, Seen};
use crate::faults::scene::Scene;
use crate::system::private_system::PrivateSystem;

/// Settings of all services: a small spool that a test can fill, and a target that one worker can
/// miss.
const SETTINGS: [(&str, &str); 5] = [
    ("SPOOL_FOLDER", "spool"),
    ("SPOOL_MIB", "1"),
    ("WORKERS_CEILING", "1"),
    ("WORKERS_BEHIND_SECONDS", "10"),
    ("WORKER_EXPECTED_PER_SECOND", "200"),
];
/// Deadline for all to be well after the start: losses are provable after half a minute.
const QUIET_WITHIN: Duration = Duration::from_secs(180);
/// Rows of the file that gives the intermediaries' series values.
const ROWS: u32 = 100;
const RATE: u32 = 10;

/// The system and what watches it.
// dropped in this order: nothing writes into the system's folder when that goes
pub(super) struct Stage {
    pub(super) load: Load,
    pub(super) monitoring: Monitoring,
    pub(super) console: Console,
    pub(super) stand_in: StandIn,
    pub(super) held: Held,
    pub(super) scene: Scene,
}

impl Stage {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let mut system = PrivateSystem::start_nice_with_portal(&SETTINGS, 0).await?;
        system.start_part(Part::SecondIntake).await?;
        let stand_in = StandIn::start().await?;
        let folder = system.folder().join("monitoring");
        let monitoring = Monitoring::start(&folder, &system, PACE, &[stand_in.address()]).await?;
        let load = Load::start(&system)?;
        load.set(RATE);
        Ok(Self {
            console: Console::of(&system)?,
            scene: Scene::of(system),
            load,
            monitoring,
            stand_in,
            held: Held::default(),
        })
    }

    /// Waits until nothing fires under load, with rows of an intermediary among it.
    pub(super) async fn is_quiet(&self) -> anyhow::Result<()> {
        let rows = self.load.upload(0..ROWS).await?;
        ensure!(rows == u64::from(ROWS), "{rows} of {ROWS} rows were accepted");
        let begun = Instant::now();
        loop {
            let firing = self.monitoring.firing().await?;
            let compares = self.monitoring.query("max(sportello_ledger_comparing)").await?;
            if firing.is_empty() && compares == [1.0] {
                return Ok(());
            }
            ensure!(
                begun.elapsed() < QUIET_WITHIN,
                "without a fault these fire: {firing:#?}"
            );
            sleep(watch::BETWEEN_LOOKS).await;
        }
    }

    /// Strikes the fault.
    pub(super) async fn strike(&mut self, trial: &Trial) -> anyhow::Result<Instant> {
        self.load.set(trial.rate);
        let begun = Instant::now();
        let done = trial.does.begin(self).await;
        done.with_context(|| format!("{} can't be done", trial.name))?;
        Ok(begun)
    }

    /// Waits until its alerts fire, mends the fault, and waits until they are resolved.
    pub(super) async fn see(&mut self, trial: &'static Trial, struck: Instant) -> anyhow::Result<Vec<Seen>> {
        let fired = watch::fired(&self.monitoring, trial.alerts, struck).await;
        let mending = Instant::now();
        // also where an alert did not fire: other trials follow
        let undone = trial.does.end(self).await;
        let fired = fired.with_context(|| trial.name)?;
        undone.with_context(|| format!("{} can't be undone", trial.name))?;
        self.load.set(RATE);
        let resolved = watch::resolved(&self.monitoring, trial.alerts, mending).await;
        let resolved = resolved.with_context(|| format!("{}, mended", trial.name))?;
        Ok((trial.alerts.iter().zip(fired).zip(resolved))
            .map(|((expected, fired_after), resolved_after)| Seen {
                trial,
                alert: *expected,
                fired_after,
                resolved_after,
            })
            .collect())
    }

    pub(super) async fn stop(self) -> anyhow::Result<()> {
        drop(self.monitoring);
        Ok(self.scene.system.stop().await?)
    }
}
