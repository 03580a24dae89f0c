//! Units of a template, such as `sportello-worker@3.service`.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};

use super::program::Program;
use super::{Hand, HandError};
use crate::observed::Observed;

/// Longest time of a command: it asks systemd, and does not wait for the unit.
const LONGEST: Duration = Duration::from_secs(10);

/// Units `NAME@1.service`, `NAME@2.service` and so on, by `systemctl`.
///
/// Units start from the lowest number and stop from the highest, so that the numbers that run have
/// no gap. A unit that is stopped this way is not restarted by `Restart=on-failure`.
#[derive(Debug)]
pub struct Systemd {
    systemctl: Program,
    name: String,
}

impl Systemd {
    /// The command line of `systemctl`, and the template's name before the `@`.
    #[must_use]
    pub fn new(systemctl: &str, name: &str) -> Self {
        Self {
            systemctl: Program::parse(systemctl),
            name: name.to_owned(),
        }
    }

    /// Returns the numbers of the units that run or start. One that is stopping counts no more.
    async fn numbers(&self) -> Result<BTreeSet<u16>, HandError> {
        let pattern = format!("{}@*.service", self.name);
        let arguments = [
            "list-units",
            "--plain",
            "--no-legend",
            "--full",
            "--state=active,activating,reloading",
            &pattern,
        ];
        let listed = self.systemctl.run(&arguments, LONGEST).await?;
        Ok(listed.lines().filter_map(|line| self.number(line)).collect())
    }

    fn number(&self, line: &str) -> Option<u16> {
        let unit = line.split_whitespace().next()?;
        let instance = unit.strip_prefix(&self.name)?.strip_prefix('@')?;
        instance.strip_suffix(".service")?.parse().ok()
    }

    async fn call(&self, verb: &str, numbers: impl Iterator<Item = u16>) -> Result<(), HandError> {
        let units: Vec<String> = { numbers }
            .map(|number| format!("{}@{number}.service", self.name))
            .collect();
        if units.is_empty() {
            return Ok(());
        }
        let verb = [verb.to_owned(), "--no-block".to_owned()];
        let arguments = [&verb, &*units].concat();
        let called = self.systemctl.run(&arguments, LONGEST).await;
        called.map(|_printed| ())
    }
}

impl Hand for Systemd {
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>> {
        async {
            let running = self.numbers().await?.len();
            Ok(Observed::count(u16::try_from(running).unwrap_or(u16::MAX)))
        }
        .boxed()
    }

    fn scale_to<'a>(&'a self, wanted: u16, _: &'a Observed) -> BoxFuture<'a, Result<(), HandError>> {
        async move {
            let running = self.numbers().await?;
            let missing = (1..=wanted).filter(|number| !running.contains(number));
            self.call("start", missing).await?;
            let surplus = running.iter().rev().copied();
            self.call("stop", surplus.filter(|number| !(1..=wanted).contains(number)))
                .await
        }
        .boxed()
    }
}
