//! Does work on many items in few transactions, and in smaller ones where a large one fails.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use sportello_domain::Channel;
use sportello_store::{Refusal, Store, StoreError};

use crate::backoff::{Backoff, Stopped};
use crate::fair_share::{FairShare, Turn};
use crate::metrics::Task;

/// Timeouts of a part before it is made smaller.
const TIMEOUTS: u32 = 2;
/// Timeouts of an item alone before it is to blame: the database may be slow for a while, too.
const TRIES: u32 = 3;

/// Number of transactions that a process has committed; its lanes share it.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    fn made(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why an item alone is not settled, and never will be.
pub(crate) enum Fault {
    /// The database refuses it.
    Refused(Refusal),
    /// The database can't do it in time, while it does others.
    Slow,
}

/// The database's answer to a part.
enum Answer<D> {
    Done(D),
    Refused(Refusal),
    /// Repeated timeouts while the database is there.
    TooSlow,
}

/// Work on items in one transaction.
pub(crate) trait Work<T>: Sync {
    /// The result.
    type Done: Send;

    /// Makes one attempt.
    fn attempt(&self, items: &[T]) -> impl Future<Output = Result<Self::Done, StoreError>> + Send;
}

/// The result for all items.
pub(crate) struct Settled<'a, T, D> {
    /// Each part with its result.
    pub(crate) done: Vec<(&'a [T], D)>,
    /// Items that are to blame for their failure.
    pub(crate) faults: Vec<(&'a T, Fault)>,
}

/// Items of one transaction, and the suspicion against them.
struct Part<'a, T>(&'a [T], Option<Suspicion>);

/// The suspicion against an item that is too slow alone.
#[derive(Clone, Copy)]
struct Suspicion {
    /// The progress when it was tried first.
    since: u64,
    /// Number of its timeouts.
    tries: u32,
}

impl Suspicion {
    /// Begins without a timeout.
    fn begins(progress: &Progress) -> Self {
        Self {
            since: progress.count(),
            tries: 0,
        }
    }

    /// Adds a timeout.
    fn grows(self) -> Self {
        Self {
            tries: self.tries + 1,
            ..self
        }
    }

    /// Returns whether the item is to blame, and not the database: others succeeded during its
    /// repeated timeouts.
    fn is_proof(self, progress: &Progress) -> bool {
        self.tries >= TRIES && progress.count() > self.since
    }
}

/// Runs the transactions of one channel, each in its turn.
pub(crate) struct Transactions {
    pub(crate) channel: Channel,
    pub(crate) store: Store,
    pub(crate) backoff: Backoff,
    pub(crate) fair_share: FairShare,
    pub(crate) progress: Progress,
}

impl Transactions {
    /// Does `work` on all items, in one transaction or in several.
    ///
    /// A part that the database refuses, or can't do in time, is halved until the items to blame
    /// are alone. An item that is too slow alone is to blame, and not the database, once it was
    /// tried three times and others succeeded meanwhile.
    pub(crate) async fn run<'a, T: Sync, W: Work<T>>(
        &self,
        items: &'a [T],
        work: &W,
    ) -> Result<Settled<'a, T, W::Done>, Stopped> {
        let (mut done, mut faults) = (Vec::new(), Vec::new());
        let mut parts = VecDeque::new();
        if !items.is_empty() {
            parts.push_back(Part(items, None));
        }
        while let Some(Part(items, suspicion)) = parts.pop_front() {
            let suspicion = suspicion
                .unwrap_or_else(|| Suspicion::begins(&self.progress))
                .grows();
            match (self.run_one(items, work).await?, items) {
                (Answer::Done(result), items) => done.push((items, result)),
                (Answer::Refused(refusal), [item]) => faults.push((item, Fault::Refused(refusal))),
                (Answer::TooSlow, [item]) if suspicion.is_proof(&self.progress) => {
                    faults.push((item, Fault::Slow))
                }
                (Answer::TooSlow, [_]) => parts.push_back(Part(items, Some(suspicion))),
                (Answer::Refused(_) | Answer::TooSlow, _) => {
                    let (first, second) = items.split_at(items.len() / 2);
                    parts.push_front(Part(second, None));
                    parts.push_front(Part(first, None));
                }
            }
        }
        Ok(Settled { done, faults })
    }

    /// Returns the database's answer to one transaction, however long the database is away.
    async fn run_one<T: Sync, W: Work<T>>(&self, items: &[T], work: &W) -> Result<Answer<W::Done>, Stopped> {
        let timeouts = AtomicU32::new(0);
        let attempt = async || {
            // given back after each attempt: others may try while this one waits for the database
            let Ok(_turn) = self.turn(items.len()).await else {
                return Ok(Err(Stopped));
            };
            match work.attempt(items).await {
                Ok(done) => {
                    self.progress.made();
                    Ok(Ok(Answer::Done(done)))
                }
                Err(StoreError::Fail(refusal)) => Ok(Ok(Answer::Refused(refusal))),
                Err(error @ StoreError::TooSlow(_)) => self.too_slow(&timeouts, error).await.map(Ok),
                // this version can't read a row of a newer one; a newer worker may come
                Err(error @ (StoreError::Retry(_) | StoreError::Unreadable(_))) => Err(error),
            }
        };
        self.backoff.until_done(Task::Register, attempt).await?
    }

    /// Returns whether the part is to be made smaller: not at its first timeout, nor while the
    /// database does not answer at all.
    async fn too_slow<D>(&self, timeouts: &AtomicU32, error: StoreError) -> Result<Answer<D>, StoreError> {
        if timeouts.fetch_add(1, Ordering::Relaxed) + 1 < TIMEOUTS {
            return Err(error);
        }
        self.store.ping().await?;
        Ok(Answer::TooSlow)
    }

    /// Waits for a turn, unless the process is to end.
    async fn turn(&self, items: usize) -> Result<Turn, Stopped> {
        let began = Instant::now();
        tokio::select! {
            biased;
            turn = self.fair_share.turn(self.channel, items) => {
                self.backoff.metrics.got_turn(self.channel, began.elapsed());
                Ok(turn)
            }
            () = self.backoff.stop.cancelled() => Err(Stopped),
        }
    }
}
