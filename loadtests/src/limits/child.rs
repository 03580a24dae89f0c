//! A contender in a process of its own, as the services are.

use std::io::{BufRead as _, BufReader};
use std::process::{Child as Process, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use sportello_local::{Identity, wait};

use crate::private_system::programs;

/// How long one may take to end.
const GRACE: Duration = Duration::from_secs(30);

/// A process that is killed when this is dropped, and ends by itself where whoever started it is killed: it reads its input to
/// the end.
pub(super) struct Child {
    process: Process,
    says: String,
}

impl Child {
    /// Starts `loadtests contender …`, and returns when it has said that it is ready.
    ///
    /// # Errors
    /// It ended before.
    pub(super) async fn start(arguments: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut process = Command::new(programs()?.join("loadtests"))
            .arg("contender")
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("start a contender")?;
        let output = process.stdout.take().context("a contender has no output")?;
        let mut child = Self {
            process,
            says: String::new(),
        };
        let read = move || {
            let mut line = String::new();
            BufReader::new(output).read_line(&mut line).map(|_| line)
        };
        child.says = tokio::task::spawn_blocking(read).await??.trim().to_owned();
        ensure!(!child.says.is_empty(), "the contender {arguments:?} has ended");
        Ok(child)
    }

    /// What it said when it was ready.
    pub(super) fn says(&self) -> &str {
        &self.says
    }

    /// Whether it still runs.
    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Ends it in order, as services are ended.
    ///
    /// # Errors
    /// It does not end.
    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        drop(self.process.stdin.take());
        let ended = wait::until(GRACE, || !self.is_running()).await;
        ensure!(ended, "a contender does not end");
        Ok(())
    }

    pub(super) fn identity(&self) -> anyhow::Result<Identity> {
        Identity::of(self.process.id()).context("a contender has ended")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // one that has ended already is reaped all the same
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
