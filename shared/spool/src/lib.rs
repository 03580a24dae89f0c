//! Keeps on the local disk, in order, what can't go anywhere else yet: each item is bytes that only whoever put them there
//! understands.
//!
//! What it never does: call something kept before it is on the disk; lose what it called kept, whatever kills the process;
//! leave what was removed in its file once that is empty; write an item to a log.
//!
//! One thread owns the file, a [`redb`] database. What is to be put while it commits gathers and goes as one commit, so that
//! thousands a second share the cost of the disk.

mod file;
mod metrics;
mod room;
mod stored;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

pub use file::OpenError;
use file::SpoolFile;
use metrics::{Metrics, PutResult};
use room::Room;
use stored::Stored;
pub use stored::{Holding, Key, Spooled};
use writer::{Command, Put, Writer};

/// Items that wait for the thread that owns the file.
const WAITING: usize = 8_192;
/// Bytes of them.
const WAITING_BYTES: u64 = 32 << 20;
/// With less room it counts as full, so that who comes is told at once.
const SOME_ROOM: u64 = 64 << 10;

/// Where to keep what, and how much.
#[derive(Debug, Clone)]
pub struct SpoolConfig {
    /// The folder, of this process alone; made where it is missing, for its owner only.
    pub folder: PathBuf,
    /// Bytes of all items together.
    pub room_bytes: u64,
    /// From a put to its answer.
    pub deadline: Duration,
}

/// Why an item isn't known to be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PutError {
    /// The spool holds as much as it may.
    #[error("the spool is full")]
    Full,
    /// Too many wait for the disk.
    #[error("too many wait for the spool's disk")]
    NoRoom,
    /// The disk did not take it in time. It may be kept nevertheless.
    #[error("the spool's disk took too long")]
    Timeout,
    /// The disk fails or is full. It may be kept nevertheless.
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
    waiting: Room,
    room_bytes: u64,
    stored: Arc<Stored>,
    deadline: Duration,
    metrics: Metrics,
}

impl Spool {
    /// Opens the spool, with everything that an earlier process has left in it, and verifies the whole file: a second or
    /// two for a full one.
    ///
    /// # Errors
    /// [`OpenError`] says what to do: another process has it, the folder can't be written, the file is damaged.
    pub fn open(config: &SpoolConfig) -> Result<Self, OpenError> {
        let file = SpoolFile::open(&config.folder)?;
        let stored = Arc::new(Stored::default());
        let (commands, inbox) = sync_channel(WAITING);
        let writer = Writer::new(file, inbox, Arc::clone(&stored))?;
        writer.start().map_err(OpenError::Thread)?;
        Ok(Self(Arc::new(Shared {
            commands,
            waiting: Room::new(WAITING_BYTES),
            room_bytes: config.room_bytes,
            metrics: Metrics::new(&stored),
            stored,
            deadline: config.deadline,
        })))
    }

    /// Puts an item behind those that are there. `Ok` follows the commit: it is on the disk then. Whoever waits may vanish
    /// at any time; it is kept all the same.
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
        let place = self.0.waiting.take(bytes).ok_or(PutError::NoRoom)?;
        if self.room() == 0 {
            return Err(PutError::Full);
        }
        let (answer, receiver) = oneshot::channel();
        let put = Put { item, place, answer };
        self.0
            .commands
            .try_send(Command::Put(put))
            .map_err(|error| match error {
                TrySendError::Full(_) => PutError::NoRoom,
                TrySendError::Disconnected(_) => PutError::Closed,
            })?;
        Ok(receiver)
    }

    /// The oldest items behind `after`, or the oldest of all: `most` of them, in order.
    ///
    /// # Errors
    /// [`DiskError`].
    pub async fn oldest(&self, after: Option<Key>, most: usize) -> Result<Vec<Spooled>, DiskError> {
        self.ask(|answer| Command::Read { after, most, answer }).await
    }

    /// Removes these items in one commit. Where nothing else is left the file goes with them, and a new
    /// one is begun: that needs no room on the disk, and nothing stays in it.
    ///
    /// # Errors
    /// [`DiskError`]: they may be there still.
    pub async fn remove(&self, keys: Vec<Key>) -> Result<(), DiskError> {
        let count = keys.len() as u64;
        self.ask(|answer| Command::Remove { keys, answer }).await?;
        self.0.metrics.removed(count);
        Ok(())
    }

    /// What it holds.
    #[must_use]
    pub fn holding(&self) -> Holding {
        self.0.stored.holding()
    }

    /// Whether a put of an item of usual size would be tried now: the disk works, and there is room.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.stored.is_writable() && self.room() >= SOME_ROOM
    }

    /// Bytes that may still come, beside those that wait.
    fn room(&self) -> u64 {
        let taken = self.0.stored.bytes() + self.0.waiting.taken();
        self.0.room_bytes.saturating_sub(taken)
    }

    /// Commits what was put, and closes the file. What is in it stays.
    pub async fn close(&self) {
        // where nobody answers it is closed already
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
