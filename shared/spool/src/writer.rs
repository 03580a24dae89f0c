//! The thread that owns the file.

use std::error::Error;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::DiskError;
use crate::capacity::Place;
use crate::file::{Contents, New, OpenError, SpoolFile};
use crate::stored::{Key, Spooled, Stored};

/// Most items of one commit.
const COMMIT_ITEMS: usize = 2_048;
/// Interval between two tests of a failed disk.
const PROBE_EVERY: Duration = Duration::from_secs(1);

type Answer<T> = oneshot::Sender<Result<T, DiskError>>;

/// An item and its waiting caller.
pub(crate) struct Put {
    pub(crate) item: Bytes,
    /// Its place among the waiting items; given back with the answer.
    pub(crate) place: Place,
    pub(crate) answer: Answer<()>,
}

pub(crate) enum Command {
    Put(Put),
    Read {
        after: Option<Key>,
        most: usize,
        answer: Answer<Vec<Spooled>>,
    },
    Remove {
        keys: Vec<Key>,
        answer: Answer<()>,
    },
    SetAside {
        item: Spooled,
        answer: Answer<PathBuf>,
    },
    Close {
        answer: Answer<()>,
    },
}

pub(crate) struct Writer {
    file: SpoolFile,
    inbox: Receiver<Command>,
    contents: Contents,
    stored: Arc<Stored>,
    /// When to test the disk again; `None` while it works.
    probe_at: Option<Instant>,
    /// Whether the file was opened again and counted since the disk failed.
    seen: bool,
}

impl Writer {
    pub(crate) fn new(
        file: SpoolFile,
        inbox: Receiver<Command>,
        stored: Arc<Stored>,
    ) -> Result<Self, OpenError> {
        let contents = file.contents()?;
        stored.set_writable(true);
        let writer = Self {
            file,
            inbox,
            contents,
            stored,
            probe_at: None,
            seen: true,
        };
        writer.tell();
        Ok(writer)
    }

    pub(crate) fn start(self) -> io::Result<()> {
        std::thread::Builder::new()
            .name("spool".into())
            .spawn(move || self.run())
            .map(drop)
    }

    /// Runs until the spool is closed or dropped.
    fn run(mut self) {
        loop {
            let step = match self.inbox.recv_timeout(PROBE_EVERY) {
                Ok(Command::Put(put)) => {
                    let (puts, then) = self.gather(put);
                    self.put(puts);
                    then.map_or(ControlFlow::Continue(()), |command| self.other(command))
                }
                Ok(command) => self.other(command),
                Err(RecvTimeoutError::Timeout) => ControlFlow::Continue(()),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if let ControlFlow::Break(closed) = step {
                // the file and the lock are released first
                drop(self);
                let _ = closed.send(Ok(()));
                return;
            }
            self.probe();
        }
    }

    /// Gathers further puts for the same commit, until another command comes.
    fn gather(&self, first: Put) -> (Vec<Put>, Option<Command>) {
        let mut puts = vec![first];
        while puts.len() < COMMIT_ITEMS {
            match self.inbox.try_recv() {
                Ok(Command::Put(put)) => puts.push(put),
                Ok(other) => return (puts, Some(other)),
                Err(_) => break,
            }
        }
        (puts, None)
    }

    fn put(&mut self, puts: Vec<Put>) {
        let keys = self.contents.next..;
        let pairs = keys.zip(&puts);
        let new: Vec<_> = pairs.map(|(key, put)| New { key, item: &put.item }).collect();
        let written = self.write(&new, &[]);
        for Put { place, answer, .. } in puts {
            drop(place);
            // an error means that the caller has left
            let _ = answer.send(written);
        }
    }

    fn other(&mut self, command: Command) -> ControlFlow<Answer<()>> {
        match command {
            Command::Put(put) => self.put(vec![put]),
            Command::Read { after, most, answer } => {
                let read = self.file.read(after, most);
                let _ = answer.send(read.map_err(|error| self.failed(&error)));
            }
            Command::Remove { keys, answer } => {
                let _ = answer.send(self.remove(&keys));
            }
            Command::SetAside { item, answer } => {
                let _ = answer.send(self.set_aside(&item));
            }
            Command::Close { answer } => return ControlFlow::Break(answer),
        }
        ControlFlow::Continue(())
    }

    fn set_aside(&mut self, item: &Spooled) -> Result<PathBuf, DiskError> {
        let copied = self.file.copy_out(item);
        let file = copied.map_err(|error| self.failed(&error))?;
        self.remove(&[item.key])?;
        Ok(file)
    }

    fn remove(&mut self, keys: &[Key]) -> Result<(), DiskError> {
        let all = keys.len() as u64 >= self.contents.items;
        if !all || !self.file.holds_only(keys).unwrap_or(false) {
            return self.write(&[], keys);
        }
        match self.file.begin_anew() {
            Ok(()) => {
                self.contents = Contents {
                    next: self.contents.next,
                    ..Contents::default()
                };
                self.tell();
                Ok(())
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn write(&mut self, new: &[New<'_>], gone: &[Key]) -> Result<(), DiskError> {
        if self.probe_at.is_some() {
            return Err(DiskError);
        }
        match self.file.write(new, gone) {
            Ok(written) => {
                let added: u64 = new.iter().map(|new| new.item.len() as u64).sum();
                let contents = &mut self.contents;
                contents.items = contents.items + new.len() as u64 - written.removed_items;
                contents.bytes = contents.bytes + added - written.removed_bytes;
                contents.next += new.len() as u64;
                contents.oldest = written.oldest;
                self.tell();
                Ok(())
            }
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Handles a failure: the file is unusable, and nothing is put until it was opened again and
    /// the disk accepts a write.
    fn failed(&mut self, error: &dyn Error) -> DiskError {
        if self.probe_at.is_none() {
            tracing::error!(%error, "the spool's disk fails or is full: the spool accepts nothing until it works");
        }
        self.stored.set_writable(false);
        self.probe_at = Some(Instant::now() + PROBE_EVERY);
        self.seen = self.look().is_ok();
        DiskError
    }

    /// Opens the file again, so that its items can be read, and counts them: a write that failed
    /// may have succeeded after all.
    fn look(&mut self) -> Result<(), OpenError> {
        self.file.reopen()?;
        let contents = self.file.contents()?;
        self.contents = Contents {
            next: contents.next.max(self.contents.next),
            ..contents
        };
        self.tell();
        Ok(())
    }

    /// Tests the disk, if it is time for that.
    fn probe(&mut self) {
        if self.probe_at.is_none_or(|at| Instant::now() < at) {
            return;
        }
        match self.try_disk() {
            Ok(()) => {
                tracing::info!("the spool's disk works again");
                self.probe_at = None;
                self.stored.set_writable(true);
            }
            Err(error) => drop(self.failed(&error)),
        }
    }

    fn try_disk(&mut self) -> Result<(), OpenError> {
        if !self.seen {
            self.look()?;
            self.seen = true;
        }
        self.file.probe()
    }

    fn tell(&self) {
        let Contents {
            items, bytes, oldest, ..
        } = self.contents;
        self.stored.set(items, bytes, oldest);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stored.set_writable(false);
        if std::thread::panicking() {
            tracing::error!(
                "the spool's thread has panicked: the spool neither keeps nor returns items until the process is restarted"
            );
        }
    }
}
