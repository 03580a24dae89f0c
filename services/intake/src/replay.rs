//! Puts into the queue what was kept on the local disk, whenever the broker is there.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sportello_queue::{Publisher, Status, Submission};
use sportello_spool::{DiskError, Key, Spooled};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::standby::Standby;

/// Applications at once: two messages of the four that may be in flight.
const AT_ONCE: usize = 64;
/// How often the broker is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The task that replays.
pub(crate) struct Replay {
    closing: CancellationToken,
    task: JoinHandle<()>,
}

impl Replay {
    /// Starts on the current runtime, with what an earlier process left.
    pub(crate) fn start(standby: Standby, publisher: Publisher) -> Self {
        let closing = CancellationToken::new();
        let left = standby.spool().holding().items;
        if left > 0 {
            tracing::warn!(
                applications = left,
                "an earlier process left accepted applications in the spool: they go into the queue as soon as possible"
            );
        }
        let replayer = Replayer {
            standby,
            publisher,
            after: None,
            published: BTreeSet::new(),
            holds: left > 0,
        };
        let task = tokio::spawn(replayer.run(closing.clone()));
        Self { closing, task }
    }

    /// Ends what is being published, then the task. What is left stays for the next start.
    pub(crate) async fn close(self) {
        self.closing.cancel();
        if self.task.await.is_err() {
            tracing::error!("the replay had failed");
        }
    }
}

struct Replayer {
    standby: Standby,
    publisher: Publisher,
    /// All up to here were read, and published if they could be read.
    after: Option<Key>,
    /// In the queue, and still on the disk.
    published: BTreeSet<Key>,
    /// Whether there was something on the disk when it was last looked at.
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
            self.tell();
            pause = self.step().await.min(LOOK_EVERY);
        }
        let left = self.standby.spool().holding().items;
        self.standby.spool().close().await;
        if left > 0 {
            tracing::warn!(
                applications = left,
                "accepted applications stay in the spool: its folder must be there when intake is started again"
            );
        }
    }

    /// Publishes some of the oldest, and gives how long to leave the broker to those who wait at the door: as long as it
    /// took.
    async fn step(&mut self) -> Duration {
        if self.publisher.status() != Status::Connected {
            return LOOK_EVERY;
        }
        self.standby.saw_broker();
        if self.standby.spool().holding().items == 0 {
            return LOOK_EVERY;
        }
        let begun = Instant::now();
        match self.publish().await {
            Ok(true) => begun.elapsed(),
            Ok(false) | Err(DiskError) => LOOK_EVERY,
        }
    }

    /// Whether there may be more.
    async fn publish(&mut self) -> Result<bool, DiskError> {
        let items = self.standby.spool().oldest(self.after, AT_ONCE).await?;
        let results = join_all(items.iter().map(|item| self.publish_one(item))).await;
        let mut all = !items.is_empty();
        for (item, published) in items.iter().zip(results) {
            match published {
                Published::Yes => drop(self.published.insert(item.key)),
                Published::Unreadable => {}
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
            tracing::error!(
                ?spooled,
                "an application in the spool can't be read; it stays there"
            );
            return Published::Unreadable;
        };
        match self.publisher.publish(submission).await {
            Ok(()) => Published::Yes,
            Err(error) => {
                tracing::debug!(%error, "not replayed yet");
                Published::No
            }
        }
    }

    /// Removes what is in the queue. Where the disk does not take that now it is tried again with the next ones, and nothing
    /// is published twice meanwhile.
    async fn forget(&mut self) -> Result<(), DiskError> {
        if self.published.is_empty() {
            return Ok(());
        }
        let keys = self.published.iter().copied().collect();
        let removed = self.standby.spool().remove(keys).await;
        match removed {
            Ok(()) => self.published.clear(),
            Err(DiskError) => tracing::debug!("the disk of the spool can't be written"),
        }
        Ok(())
    }

    /// Says when the spool begins and ceases to hold something.
    fn tell(&mut self) {
        let applications = self.standby.spool().holding().items;
        let holds = applications > 0;
        if holds && !self.holds {
            tracing::warn!(
                applications,
                "applications are kept on the local disk, in place of the queue"
            );
        } else if !holds && self.holds {
            tracing::info!("all applications of the local disk are in the queue");
        }
        self.holds = holds;
    }
}

/// What became of one.
enum Published {
    /// It is in the queue.
    Yes,
    /// To be tried again.
    No,
    /// It is not what was kept.
    Unreadable,
}
