//! Retries until success or until the process is to end.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio_util::sync::CancellationToken;

use crate::metrics::{Metrics, Task};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The process is to end: the work is left to the next worker that gets the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

/// Retries with pauses that grow and differ between workers, so that they do not all come back at
/// once.
#[derive(Clone)]
pub(crate) struct Backoff {
    pub(crate) stop: CancellationToken,
    pub(crate) metrics: Arc<Metrics>,
}

impl Backoff {
    /// Makes attempts until one succeeds. An attempt is never cut short; the pause between two is.
    pub(crate) async fn until_done<T, E: Display, F: Future<Output = Result<T, E>>>(
        &self,
        task: Task,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, Stopped> {
        let mut pauses = pauses();
        loop {
            let error = match attempt().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let pause = pauses.next().unwrap_or(LONGEST_PAUSE);
            self.metrics.retries(task);
            tracing::warn!(task = task.as_str(), %error, pause_ms = pause.as_millis(), "attempt failed, trying again");
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Stopped),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

fn pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_jitter()
        .without_max_times()
        .build()
}
