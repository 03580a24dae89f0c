//! The processor time that each process takes for an application: it tells where the time goes.

use std::collections::BTreeMap;
use std::time::Duration;

use sportello_local::{Identity, usage};

use super::generator::Window;

/// This process, in the report.
const OWN: &str = "loadtests";

/// Processes by what they are called in the report.
pub(super) struct Meter {
    processes: Vec<(&'static str, Identity, Duration)>,
}

impl Meter {
    /// Of these, with this process, from now on; one that is not there is left out.
    pub(super) fn new(processes: impl IntoIterator<Item = (&'static str, Option<Identity>)>) -> Self {
        let there = |(name, process): (_, Option<Identity>)| Some((name, process?, Duration::ZERO));
        let own = [(OWN, Identity::own())];
        let mut meter = Self {
            processes: own.into_iter().chain(processes).filter_map(there).collect(),
        };
        meter.begin();
        meter
    }

    /// One more, from its start on.
    pub(super) fn add(&mut self, name: &'static str, process: Option<Identity>) {
        self.processes
            .extend(process.map(|process| (name, process, Duration::ZERO)));
    }

    /// Counts from now on.
    pub(super) fn begin(&mut self) {
        for (name, process, before) in &mut self.processes {
            *before = cpu_time(name, process);
        }
    }

    /// Counts from the end of the warm-up on, and returns at the end of the window.
    pub(super) async fn over(&mut self, window: Window) -> anyhow::Result<()> {
        tokio::time::sleep(window.warm_up).await;
        self.begin();
        tokio::time::sleep(window.length).await;
        Ok(())
    }

    /// Seconds since it began, by name.
    pub(super) fn read(&self) -> BTreeMap<&'static str, f64> {
        let each = self.processes.iter();
        each.map(|(name, process, before)| {
            let time = cpu_time(name, process).saturating_sub(*before);
            (*name, time.as_secs_f64())
        })
        .collect()
    }
}

/// All others descend from this one.
fn cpu_time(name: &str, process: &Identity) -> Duration {
    if name == OWN {
        process.own_cpu_time()
    } else {
        let used = usage(std::slice::from_ref(process));
        used.first().map_or(Duration::ZERO, |used| used.cpu)
    }
}
