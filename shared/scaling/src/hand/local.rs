//! Processes on a developer's machine, by the development system's own command.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};

use super::program::Program;
use super::{Hand, HandError};
use crate::observed::Observed;

/// Longest time of a look.
const LOOK: Duration = Duration::from_secs(30);
/// Longest time of a change: a worker starts within 30 s and ends within 30 s.
const CHANGE: Duration = Duration::from_secs(300);

/// `cargo xtask workers`: without a number it prints how many run, with one it sets them.
#[derive(Debug)]
pub struct Local {
    workers: Program,
}

impl Local {
    /// The command line to use, such as `cargo xtask workers`.
    #[must_use]
    pub fn new(command: &str) -> Self {
        Self {
            workers: Program::parse(command),
        }
    }
}

impl Hand for Local {
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>> {
        async {
            let printed = self.workers.run::<&str>(&[], LOOK).await?;
            let running = printed.trim().parse().map_err(|_| HandError::Answer {
                what: self.workers.line::<&str>(&[]),
                answer: printed.chars().take(100).collect(),
            })?;
            Ok(Observed::count(running))
        }
        .boxed()
    }

    fn scale_to<'a>(&'a self, wanted: u16, _: &'a Observed) -> BoxFuture<'a, Result<(), HandError>> {
        async move {
            let change = self.workers.run(&[wanted.to_string()], CHANGE).await;
            change.map(|_printed| ())
        }
        .boxed()
    }
}
