//! A contender in its own process, as the services are.

use std::io::{BufRead as _, BufReader};
use std::process::{Child as Process, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use sportello_stack::{Identity, wait};

use crate::system::private_system::programs;

/// Deadline for its end.
const GRACE: Duration = Duration::from_secs(30);

/// A process that is killed on drop. If this process is killed, it ends by itself at the end of its
/// input.
pub(super) struct Child {
    process: Process,
    says: String,
}

impl Child {
    /// Starts `loadtests contender …`, and returns when it reports that it is ready.
    ///
    /// # Errors
    /// It ended early.
    pub(super) async fn start(contender: &str, environment: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut process = Command::new(programs()?.join("loadtests"))
            .args(["contender", contender])
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
        ensure!(!child.says.is_empty(), "the contender {contender} has ended");
        Ok(child)
    }

    /// Returns its first line, printed when it was ready.
    pub(super) fn says(&self) -> &str {
        &self.says
    }

    /// Returns whether it still runs.
    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Stops it in order, as services are stopped.
    ///
    /// # Errors
    /// It does not stop.
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
        // a process that has already ended still needs reaping
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
