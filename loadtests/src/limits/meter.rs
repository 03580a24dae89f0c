//! Measures each process's processor time for an application.

use std::collections::BTreeMap;
use std::time::Duration;

use sportello_stack::{Identity, usage};

use super::generator::Window;

/// Name of this process in the report.
const OWN: &str = "loadtests";

/// Processes by their name in the report.
pub(crate) struct Meter {
    processes: Vec<(&'static str, Identity, Duration)>,
}

impl Meter {
    /// Begins to measure these processes and this one; skips missing ones.
    pub(crate) fn new(processes: impl IntoIterator<Item = (&'static str, Option<Identity>)>) -> Self {
        let there = |(name, process): (_, Option<Identity>)| Some((name, process?, Duration::ZERO));
        let own = [(OWN, Identity::own())];
        let mut meter = Self {
            processes: own.into_iter().chain(processes).filter_map(there).collect(),
        };
        meter.begin();
        meter
    }

    /// Adds a process, measured from its start.
    pub(crate) fn add(&mut self, name: &'static str, process: Option<Identity>) {
        self.processes
            .extend(process.map(|process| (name, process, Duration::ZERO)));
    }

    /// Restarts the count.
    fn begin(&mut self) {
        for (name, process, before) in &mut self.processes {
            *before = cpu_time(name, process);
        }
    }

    /// Counts from the end of the warm-up; returns at the end of the window.
    pub(super) async fn over(&mut self, window: Window) -> anyhow::Result<()> {
        tokio::time::sleep(window.warm_up).await;
        self.begin();
        tokio::time::sleep(window.length).await;
        Ok(())
    }

    /// Returns processor seconds since the begin, by name.
    pub(crate) fn read(&self) -> BTreeMap<&'static str, f64> {
        let each = self.processes.iter();
        each.map(|(name, process, before)| {
            let time = cpu_time(name, process).saturating_sub(*before);
            (*name, time.as_secs_f64())
        })
        .collect()
    }
}

/// Returns a process's time; for this one without its descendants, which are the others.
fn cpu_time(name: &str, process: &Identity) -> Duration {
    if name == OWN {
        process.own_cpu_time()
    } else {
        let used = usage(std::slice::from_ref(process));
        used.first().map_or(Duration::ZERO, |used| used.cpu)
    }
}
