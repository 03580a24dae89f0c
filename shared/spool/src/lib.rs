//! Keeps items on the local disk, in order, until they can go elsewhere. An item is bytes that only
//! its sender understands.
//!
//! Invariants: an item counts as kept only once it is on the disk; a kept item survives any kill of
//! the process; removed items leave the file once it is empty; no item gets into a log.
//!
//! One thread owns the file, a [`redb`] database. Items put during a commit gather and go in the
//! next one, so that thousands a second share the cost of the disk.

mod capacity;
mod file;
mod metrics;
mod stored;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use capacity::Capacity;
pub use file::OpenError;
use file::SpoolFile;
use metrics::{Metrics, PutResult};
use stored::Stored;
pub use stored::{Holding, Key, Spooled};
use writer::{Command, Put, Writer};

/// Most items that wait for the thread that owns the file.
const WAITING: usize = 8_192;
/// Most bytes of them.
const WAITING_BYTES: u64 = 32 << 20;
/// With less room the spool counts as full, so that callers get an error at once.
const SOME_ROOM: u64 = 64 << 10;

/// Configuration of a spool.
#[derive(Debug, Clone)]
pub struct SpoolConfig {
    /// The folder, of this process alone; made where it is missing, for its owner only.
    pub folder: PathBuf,
    /// Bytes of all items together.
    pub capacity_bytes: u64,
    /// Limit from a put to its answer.
    pub deadline: Duration,
}

/// Why an item is not known to be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PutError {
    /// The spool holds as much as it may.
    #[error("the spool is full")]
    Full,
    /// Too many items wait for the disk.
    #[error("too many items wait for the spool's disk")]
    NoCapacity,
    /// The disk did not answer in time. The item may be kept nevertheless.
    #[error("the spool's disk took too long")]
    Timeout,
    /// The disk fails or is full. The item may be kept nevertheless.
    #[error("the spool's disk fails or is full")]
    Disk,
    /// The spool is closed.
    #[error("the spool is closed")]
    Closed,
}

/// The disk can't be read or written now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the spool's disk can't be read or written now")]
pub struct DiskError;

/// A spool. Cheap to clone.
#[derive(Clone)]
pub struct Spool(Arc<Shared>);

struct Shared {
    commands: SyncSender<Command>,
    waiting: Capacity,
    capacity_bytes: u64,
    stored: Arc<Stored>,
    deadline: Duration,
    metrics: Metrics,
}

impl Spool {
    /// Opens the spool with the items of an earlier process, and verifies the whole file: a second
    /// or two for a full one.
    ///
    /// # Errors
    /// [`OpenError`] names the remedy: another process uses it, the folder can't be written, the
    /// file is damaged.
    pub fn open(config: &SpoolConfig) -> Result<Self, OpenError> {
        let file = SpoolFile::open(&config.folder)?;
        let stored = Arc::new(Stored::default());
        let (commands, inbox) = sync_channel(WAITING);
        let writer = Writer::new(file, inbox, Arc::clone(&stored))?;
        writer.start().map_err(OpenError::Thread)?;
        Ok(Self(Arc::new(Shared {
            commands,
            waiting: Capacity::new(WAITING_BYTES),
            capacity_bytes: config.capacity_bytes,
            metrics: Metrics::new(&stored, config.capacity_bytes),
            stored,
            deadline: config.deadline,
        })))
    }

    /// Puts an item after the existing ones. `Ok` follows the commit: the item is on the disk then.
    /// The caller may vanish at any time; the item is kept all the same.
    ///
    /// # Errors
    /// [`PutError`]: not kept, or not known to be.
    pub async fn put(&self, item: Bytes) -> Result<(), PutError> {
        let result = match self.enqueue(item) {
            Ok(answer) => match tokio::time::timeout(self.0.deadline, answer).await {
                Ok(Ok(result)) => result.map_err(|DiskError| PutError::Disk),
                Ok(Err(_)) => Err(PutError::Closed),
                Err(_) => Err(PutError::Timeout),
            },
            Err(error) => Err(error),
        };
        self.0.metrics.put(PutResult::from(result));
        result
    }

    fn enqueue(&self, item: Bytes) -> Result<oneshot::Receiver<Result<(), DiskError>>, PutError> {
        if !self.0.stored.is_writable() {
            return Err(PutError::Disk);
        }
        let bytes = item.len() as u64;
        let place = self.0.waiting.take(bytes).ok_or(PutError::NoCapacity)?;
        if self.capacity() == 0 {
            return Err(PutError::Full);
        }
        let (answer, receiver) = oneshot::channel();
        let put = Put { item, place, answer };
        self.0
            .commands
            .try_send(Command::Put(put))
            .map_err(|error| match error {
                TrySendError::Full(_) => PutError::NoCapacity,
                TrySendError::Disconnected(_) => PutError::Closed,
            })?;
        Ok(receiver)
    }

    /// Returns the `most` oldest items after `after`, or of all, in order.
    ///
    /// # Errors
    /// [`DiskError`].
    pub async fn oldest(&self, after: Option<Key>, most: usize) -> Result<Vec<Spooled>, DiskError> {
        self.ask(|answer| Command::Read { after, most, answer }).await
    }

    /// Removes these items in one commit. If no other item is left the file goes too, and a new one
    /// is begun: that needs no room on the disk, and nothing stays in it.
    ///
    /// # Errors
    /// [`DiskError`]: the items may still be there.
    pub async fn remove(&self, keys: Vec<Key>) -> Result<(), DiskError> {
        let count = keys.len() as u64;
        self.ask(|answer| Command::Remove { keys, answer }).await?;
        self.0.metrics.removed(count);
        Ok(())
    }

    /// Moves an unreadable item into a file of its own, in the same folder, and returns that file.
    /// Otherwise the spool's file could never be begun anew.
    ///
    /// # Errors
    /// [`DiskError`]: the item is still there.
    pub async fn set_aside(&self, item: Spooled) -> Result<PathBuf, DiskError> {
        let file = self.ask(|answer| Command::SetAside { item, answer }).await?;
        self.0.metrics.removed(1);
        Ok(file)
    }

    /// Returns the current totals of the spool.
    #[must_use]
    pub fn holding(&self) -> Holding {
        self.0.stored.holding()
    }

    /// Returns whether a put of an item of usual size would be tried now: the disk works, and there
    /// is room.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.stored.is_writable() && self.capacity() >= SOME_ROOM
    }

    /// Returns the bytes that may still come, besides those that wait.
    fn capacity(&self) -> u64 {
        let taken = self.0.stored.bytes() + self.0.waiting.taken();
        self.0.capacity_bytes.saturating_sub(taken)
    }

    /// Commits the waiting items, and closes the file. Its items stay.
    pub async fn close(&self) {
        // an error means that it is closed already
        let _ = self.ask(|answer| Command::Close { answer }).await;
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, DiskError>>) -> Command,
    ) -> Result<T, DiskError> {
        let (answer, receiver) = oneshot::channel();
        self.0.commands.try_send(command(answer)).map_err(|_| DiskError)?;
        receiver.await.unwrap_or(Err(DiskError))
    }
}
