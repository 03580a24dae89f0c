//! Publishes the spooled applications whenever the broker is there.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sportello_queue::{Publisher, Status, Submission};
use sportello_spool::{DiskError, Key, Spooled};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::spool::Fallback;

/// Applications published at once: two messages of the four that may be in flight.
const AT_ONCE: usize = 64;
/// Interval between two looks at the broker.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The task that replays the spool.
pub(crate) struct Replay {
    closing: CancellationToken,
    task: JoinHandle<()>,
}

impl Replay {
    /// Starts on the current runtime, with the applications that an earlier process left.
    pub(crate) fn start(fallback: Fallback, publisher: Publisher) -> Self {
        let closing = CancellationToken::new();
        let left = fallback.spool().holding().items;
        if left > 0 {
            tracing::warn!(
                applications = left,
                "an earlier process left accepted applications in the spool: publishing them as soon as possible"
            );
        }
        let replayer = Replayer {
            fallback,
            publisher,
            after: None,
            published: BTreeSet::new(),
            holds: left > 0,
        };
        let task = tokio::spawn(replayer.run(closing.clone()));
        Self { closing, task }
    }

    /// Finishes the publishes in flight, then ends the task. The rest stays for the next start.
    pub(crate) async fn close(self) {
        self.closing.cancel();
        if self.task.await.is_err() {
            tracing::error!("the replay task panicked");
        }
    }
}

struct Replayer {
    fallback: Fallback,
    publisher: Publisher,
    /// All up to here were read, and published or set aside.
    after: Option<Key>,
    /// Published, but still on the disk.
    published: BTreeSet<Key>,
    /// Whether the last look found applications on the disk.
    holds: bool,
}

impl Replayer {
    async fn run(mut self, closing: CancellationToken) {
        let mut pause = LOOK_EVERY;
        while closing
            .run_until_cancelled(tokio::time::sleep(pause))
            .await
            .is_some()
        {
            self.report();
            pause = self.step().await.min(LOOK_EVERY);
        }
        let left = self.fallback.spool().holding().items;
        self.fallback.spool().close().await;
        if left > 0 {
            tracing::warn!(
                applications = left,
                "accepted applications stay in the spool: its folder must be there when intake is started again"
            );
        }
    }

    /// Publishes some of the oldest. Returns a pause as long as that took, in which the broker
    /// serves new callers.
    async fn step(&mut self) -> Duration {
        if self.publisher.status() != Status::Connected {
            return LOOK_EVERY;
        }
        self.fallback.saw_broker();
        if self.fallback.spool().holding().items == 0 {
            return LOOK_EVERY;
        }
        let begun = Instant::now();
        match self.publish().await {
            Ok(true) => begun.elapsed(),
            Ok(false) | Err(DiskError) => LOOK_EVERY,
        }
    }

    /// Returns whether there may be more.
    async fn publish(&mut self) -> Result<bool, DiskError> {
        let items = self.fallback.spool().oldest(self.after, AT_ONCE).await?;
        let results = join_all(items.iter().map(|item| self.publish_one(item))).await;
        let mut all = !items.is_empty();
        for (item, published) in items.iter().zip(results) {
            match published {
                Published::Yes => drop(self.published.insert(item.key)),
                Published::Unreadable => self.set_aside(item).await?,
                Published::No => all = false,
            }
            if all {
                self.after = Some(item.key);
            }
        }
        self.forget().await?;
        Ok(all)
    }

    async fn publish_one(&self, spooled: &Spooled) -> Published {
        if self.published.contains(&spooled.key) {
            return Published::Yes;
        }
        let Ok(submission) = Submission::of_item(spooled.item.clone()) else {
            return Published::Unreadable;
        };
        let channel = submission.channel();
        match self.publisher.publish(submission).await {
            Ok(()) => {
                self.fallback.replayed(channel);
                Published::Yes
            }
            Err(error) => {
                tracing::debug!(%error, "not replayed yet");
                Published::No
            }
        }
    }

    /// Moves an unreadable item to a file of its own, out of the way of the others.
    async fn set_aside(&self, spooled: &Spooled) -> Result<(), DiskError> {
        let file = self.fallback.spool().set_aside(spooled.clone()).await?;
        let file = file.display();
        tracing::error!(%file, "an application in the spool can't be read: it was moved unchanged to this file");
        Ok(())
    }

    /// Removes published applications from the disk. If the disk fails they are removed with the
    /// next ones; meanwhile none is published twice.
    async fn forget(&mut self) -> Result<(), DiskError> {
        if self.published.is_empty() {
            return Ok(());
        }
        let keys = self.published.iter().copied().collect();
        let removed = self.fallback.spool().remove(keys).await;
        match removed {
            Ok(()) => self.published.clear(),
            Err(DiskError) => tracing::debug!("the disk of the spool can't be written"),
        }
        Ok(())
    }

    /// Logs when the spool starts to hold applications, and when it is empty again.
    fn report(&mut self) {
        let applications = self.fallback.spool().holding().items;
        let holds = applications > 0;
        if holds && !self.holds {
            tracing::warn!(
                applications,
                "intake keeps applications on the local disk instead of the queue"
            );
        } else if !holds && self.holds {
            tracing::info!("all applications of the local disk are in the queue");
        }
        self.holds = holds;
    }
}

/// The outcome for one application.
enum Published {
    /// It is in the queue.
    Yes,
    /// To be retried.
    No,
    /// It differs from what was kept.
    Unreadable,
}
