//! The file: a table of items in the order of arrival.

use std::collections::HashSet;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use redb::backends::FileBackend;
use redb::{Builder, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};

use crate::stored::{Key, Spooled, now_ms};

const NAME: &str = "spool.redb";
const LOCK: &str = "spool.lock";

/// By place in the order of arrival: milliseconds since 1970, the item.
const ITEMS: TableDefinition<'_, u64, (u64, &[u8])> = TableDefinition::new("items");
/// What is written to see whether the disk works, and removed.
const PROBE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("probe");
const PROBE_BYTES: usize = 256 << 10;

/// Memory for pages of the file; what was written last is what is read next.
const CACHE: usize = 16 << 20;

/// Why a spool can't be used. Nothing of what is in it is shown.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "the spool in {folder} belongs to another process that runs: each needs a folder of its own (SPOOL_FOLDER)"
    )]
    Taken {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder can't be made or written, or its disk is full.
    #[error(
        "the spool in {folder} can't be read or written: {source}. Mend the folder, its owner or its disk; do not \
         remove its files, which may hold applications that were accepted"
    )]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file isn't as it was written.
    #[error(
        "the spool {file} is damaged, or no spool: {problem}. It may hold applications that were accepted: move it away \
         and keep it, mend the disk, and start again with an empty folder"
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The system gives no thread.
    #[error("the thread of the spool can't start: {0}")]
    Thread(io::Error),
}

/// An item to be written at its place.
pub(crate) struct New<'a> {
    pub(crate) key: u64,
    pub(crate) item: &'a [u8],
}

/// What is in the file.
#[derive(Clone, Copy, Default)]
pub(crate) struct Contents {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
    /// When the oldest was put.
    pub(crate) oldest: Option<u64>,
    /// The place behind the last one.
    pub(crate) next: u64,
}

/// The open file, and the lock on its folder.
pub(crate) struct SpoolFile {
    folder: PathBuf,
    /// Nothing while it can't be opened again after a failure.
    database: Option<Database>,
    _lock: File,
}

/// What a commit changed beside what it added.
pub(crate) struct Written {
    pub(crate) removed_items: u64,
    pub(crate) removed_bytes: u64,
    /// When the oldest item was put that is there now.
    pub(crate) oldest: Option<u64>,
}

type Outcome<T> = Result<T, redb::Error>;

impl SpoolFile {
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Io {
            folder: folder.to_owned(),
            source,
        };
        let mut builder = DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed)?;
        let lock = private(&folder.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Taken {
                    folder: folder.to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(Self {
            database: Some(database(folder)?),
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    /// Closes the file and opens it again: after a failed write that is the only way on.
    pub(crate) fn reopen(&mut self) -> Result<(), OpenError> {
        self.database = None;
        self.database = Some(database(&self.folder)?);
        Ok(())
    }

    /// Removes the file with all that is in it, and begins a new one.
    pub(crate) fn begin_anew(&mut self) -> Result<(), OpenError> {
        self.database = None;
        std::fs::remove_file(self.folder.join(NAME)).map_err(|source| OpenError::Io {
            folder: self.folder.clone(),
            source,
        })?;
        self.reopen()
    }

    /// Looks at everything.
    pub(crate) fn contents(&self) -> Result<Contents, OpenError> {
        self.count().map_err(|error| unusable(&self.folder, error))
    }

    fn count(&self) -> Outcome<Contents> {
        let mut contents = Contents::default();
        let reading = self.database()?.begin_read()?;
        let table = reading.open_table(ITEMS)?;
        for entry in table.iter()? {
            let (key, value) = entry?;
            let (put_at, item) = value.value();
            contents.items += 1;
            contents.bytes += item.len() as u64;
            contents.oldest.get_or_insert(put_at);
            contents.next = key.value() + 1;
        }
        Ok(contents)
    }

    /// Whether nothing but these is there.
    pub(crate) fn holds_only(&self, keys: &[Key]) -> Outcome<bool> {
        let keys: HashSet<u64> = keys.iter().map(|key| key.0).collect();
        let reading = self.database()?.begin_read()?;
        for entry in reading.open_table(ITEMS)?.iter()? {
            if !keys.contains(&entry?.0.value()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds and removes in one commit, which is on the disk when this returns.
    pub(crate) fn write(&self, new: &[New<'_>], gone: &[Key]) -> Outcome<Written> {
        let mut writing = self.database()?.begin_write()?;
        // so that a damaged file is told from one whose last commit was cut, and what was committed is never undone
        writing.set_two_phase_commit(true);
        let (mut removed_items, mut removed_bytes) = (0, 0);
        let oldest = {
            let mut table = writing.open_table(ITEMS)?;
            for key in gone {
                if let Some(item) = table.remove(key.0)? {
                    removed_items += 1;
                    removed_bytes += item.value().1.len() as u64;
                }
            }
            for New { key, item } in new {
                table.insert(key, (now_ms(), *item))?;
            }
            table.first()?.map(|(_, value)| value.value().0)
        };
        writing.commit()?;
        Ok(Written {
            removed_items,
            removed_bytes,
            oldest,
        })
    }

    pub(crate) fn read(&self, after: Option<Key>, most: usize) -> Outcome<Vec<Spooled>> {
        let reading = self.database()?.begin_read()?;
        let table = reading.open_table(ITEMS)?;
        let first = after.map_or(0, |key| key.0 + 1);
        let entries = table.range(first..)?.take(most);
        entries
            .map(|entry| {
                let (key, value) = entry?;
                Ok(Spooled {
                    key: Key(key.value()),
                    item: Bytes::copy_from_slice(value.value().1),
                })
            })
            .collect()
    }

    /// Whether the disk takes something.
    pub(crate) fn probe(&self) -> Result<(), OpenError> {
        self.fill_and_empty()
            .map_err(|error| unusable(&self.folder, error))
    }

    fn fill_and_empty(&self) -> Outcome<()> {
        for filled in [true, false] {
            let mut writing = self.database()?.begin_write()?;
            writing.set_two_phase_commit(true);
            {
                let mut table = writing.open_table(PROBE)?;
                if filled {
                    table.insert(0, vec![0; PROBE_BYTES].as_slice())?;
                } else {
                    table.remove(0)?;
                }
            }
            writing.commit()?;
        }
        Ok(())
    }

    fn database(&self) -> Outcome<&Database> {
        self.database.as_ref().ok_or(redb::Error::DatabaseClosed)
    }
}

fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// Opens the file, or makes it, durably also by name, and verifies it.
fn database(folder: &Path) -> Result<Database, OpenError> {
    let open = || -> Outcome<Database> {
        let backend = FileBackend::new(private(&folder.join(NAME))?)?;
        let database = Builder::new()
            .set_cache_size(CACHE)
            .set_check_integrity_on_open(true)
            .create_with_backend(backend)?;
        File::open(folder)?.sync_all()?;
        // what is read must be there
        let mut writing = database.begin_write()?;
        writing.set_two_phase_commit(true);
        writing.open_table(ITEMS)?;
        writing.commit()?;
        Ok(database)
    };
    open().map_err(|error| unusable(folder, error))
}

fn unusable(folder: &Path, error: redb::Error) -> OpenError {
    let folder = folder.to_owned();
    if matches!(error, redb::Error::DatabaseAlreadyOpen) {
        return OpenError::Taken { folder };
    }
    let (file, problem) = (folder.join(NAME), error.to_string());
    let of_content = [io::ErrorKind::InvalidData, io::ErrorKind::UnexpectedEof];
    if let redb::Error::Io(source) = error
        && !of_content.contains(&source.kind())
    {
        return OpenError::Io { folder, source };
    }
    OpenError::Damaged { file, problem }
}
