//! Sends letters again: what the outbox holds, job by job, at the pace of each.

use std::time::Duration;

use sportello_queue::Requeues;
use sportello_queue::connection::SendError;
use sportello_store::{DueJob, Outbox, Store, StoreError};
use tokio_util::sync::CancellationToken;

/// Pause after a pass that sent nothing.
const IDLE: Duration = Duration::from_millis(500);
/// Longest pause after passes that fail.
const LONGEST: Duration = Duration::from_secs(10);
/// Passes of a second, where a job sends at its rate.
const PASSES: u32 = 10;

/// Why a pass did not send all that it took. The rest is in the outbox again.
#[derive(Debug, thiserror::Error)]
pub enum RequeueError {
    /// The database can't serve the outbox.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The broker has not confirmed a letter.
    #[error("a letter isn't known to be sent again: {0}")]
    Send(#[from] SendError),
}

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requeued {
    /// Letters that the broker has confirmed, and that are `sent`.
    pub letters: usize,
    /// Time until more may be sent.
    pub pause: Duration,
}

/// Sends letters of jobs. Any number of processes may run one: a job is worked on by one at a time.
pub struct Requeuer {
    store: Store,
    requeues: Requeues,
}

impl Requeuer {
    /// Makes one for the outbox of this register.
    #[must_use]
    pub fn new(store: Store, requeues: Requeues) -> Self {
        Self { store, requeues }
    }

    /// Makes one pass: for each job that may send, sends a tenth of a second's letters.
    ///
    /// # Errors
    /// [`RequeueError`]: what was confirmed until then is `sent`; the pass may be made again.
    pub async fn step(&self) -> Result<Requeued, RequeueError> {
        let mut done = Requeued {
            letters: 0,
            pause: IDLE,
        };
        for job in self.store.due_requeues().await? {
            let most = most(&job);
            let Some(outbox) = self.store.outbox(job.id, most).await? else {
                continue;
            };
            let sent = self.send(outbox).await?;
            done.letters += sent;
            done.pause = done.pause.min(pause(&job, sent));
        }
        Ok(done)
    }

    /// Makes passes until `stop` ends. A pass that has begun is finished.
    pub async fn run(self, stop: CancellationToken) {
        let mut failures = 0;
        loop {
            let pause = match self.step().await {
                Ok(done) => {
                    failures = 0;
                    done.pause
                }
                Err(error) => {
                    tracing::warn!(%error, "letters can't be sent again now, trying again");
                    failures += 1;
                    (IDLE * failures).min(LONGEST)
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.requeues.close().await;
    }

    /// Sends letters in order, and records those that are confirmed, also where one fails.
    async fn send(&self, outbox: Outbox) -> Result<usize, RequeueError> {
        let (mut sent, mut failed) = (0, None);
        for letter in outbox.letters() {
            let sending = self
                .requeues
                .send(letter.id, letter.channel, letter.applications, &letter.message);
            match sending.await {
                Ok(()) => sent += 1,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        outbox.sent(sent).await?;
        failed.map_or(Ok(sent), |error| Err(error.into()))
    }
}

/// Returns how many letters a pass sends.
fn most(job: &DueJob) -> u32 {
    job.most.unwrap_or_else(|| (job.rate / PASSES).max(1))
}

/// Returns the time in which the job's rate sends so many letters.
fn pause(job: &DueJob, sent: usize) -> Duration {
    let sent = u32::try_from(sent).unwrap_or(u32::MAX);
    Duration::from_secs(1).saturating_mul(sent) / job.rate.max(1)
}
