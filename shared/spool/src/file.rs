//! The file: a table of items in the order of arrival.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use redb::backends::FileBackend;
use redb::{Builder, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};

use crate::stored::{Key, Spooled, now_ms};

const NAME: &str = "spool.redb";
const LOCK: &str = "spool.lock";

/// Items by their place in the order of arrival: milliseconds since 1970, and the item.
const ITEMS: TableDefinition<'_, u64, (u64, &[u8])> = TableDefinition::new("items");
/// Table for a write that tests the disk and is removed again.
const PROBE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("probe");
const PROBE_BYTES: usize = 256 << 10;

/// Cache for pages of the file, in bytes; the last written items are read next.
const CACHE: usize = 16 << 20;

/// Why a spool can't be used. The error shows none of its items.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses it.
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
        /// The system's error.
        source: io::Error,
    },
    /// The file differs from what was written.
    #[error(
        "the spool {file} is damaged, or no spool: {problem}. It may hold applications that were accepted: move it away \
         and keep it, mend the disk, and start again with an empty folder"
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The damage.
        problem: String,
    },
    /// The system can't start a thread.
    #[error("the thread of the spool can't start: {0}")]
    Thread(io::Error),
}

/// An item to be written at its place.
pub(crate) struct New<'a> {
    pub(crate) key: u64,
    pub(crate) item: &'a [u8],
}

/// The totals of the file.
#[derive(Clone, Copy, Default)]
pub(crate) struct Contents {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
    /// When the oldest item was put, in milliseconds since 1970.
    pub(crate) oldest: Option<u64>,
    /// The place after the last one.
    pub(crate) next: u64,
}

/// The open file, and the lock on its folder.
pub(crate) struct SpoolFile {
    folder: PathBuf,
    /// `None` while it can't be opened again after a failure.
    database: Option<Database>,
    _lock: File,
}

/// The effects of a commit besides its new items.
pub(crate) struct Written {
    pub(crate) removed_items: u64,
    pub(crate) removed_bytes: u64,
    /// When the oldest item that is there now was put.
    pub(crate) oldest: Option<u64>,
}

type Outcome<T> = Result<T, redb::Error>;

impl SpoolFile {
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Io {
            folder: folder.to_owned(),
            source,
        };
        make(folder).map_err(failed)?;
        tighten(folder, 0o700);
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

    /// Closes the file and opens it again: the only way on after a failed write.
    pub(crate) fn reopen(&mut self) -> Result<(), OpenError> {
        self.database = None;
        self.database = Some(database(&self.folder)?);
        Ok(())
    }

    /// Removes the file with all its items, and begins a new one.
    pub(crate) fn begin_anew(&mut self) -> Result<(), OpenError> {
        self.database = None;
        std::fs::remove_file(self.folder.join(NAME)).map_err(|source| OpenError::Io {
            folder: self.folder.clone(),
            source,
        })?;
        self.reopen()
    }

    /// Counts all items.
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

    /// Returns whether the file holds only these items.
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
        // so that a damaged file differs from one whose last commit was cut, and a commit is never
        // undone
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

    /// Copies an item durably into a file of its own, so that it can be removed from this one.
    /// Returns that file.
    pub(crate) fn copy_out(&self, item: &Spooled) -> io::Result<PathBuf> {
        let file = self.folder.join(format!("unreadable-{}", item.key.0));
        let mut copy = private(&file)?;
        copy.set_len(0)?;
        copy.write_all(&item.item)?;
        copy.sync_all()?;
        File::open(&self.folder)?.sync_all()?;
        Ok(file)
    }

    /// Tests that the disk accepts a write.
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

/// Makes the folder and its missing parents, each durably also by name.
fn make(folder: &Path) -> io::Result<()> {
    let missing = folder.ancestors().take_while(|folder| !folder.exists());
    let missing: Vec<&Path> = missing.filter(|folder| !folder.as_os_str().is_empty()).collect();
    for folder in missing.into_iter().rev() {
        match DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
        File::open(above.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Removes the rights of other users from an existing folder or file. If it belongs to another user
/// that fails: the function logs it, and the spool is used as it is.
fn tighten(path: &Path, mode: u32) {
    let tightened = fs::metadata(path).and_then(|metadata| {
        let is_wider = metadata.permissions().mode() & 0o077 != 0;
        if is_wider {
            fs::set_permissions(path, Permissions::from_mode(mode))
        } else {
            Ok(())
        }
    });
    if let Err(error) = tightened {
        tracing::warn!(path = %path.display(), %error, "others can read the spool: give it to this process's user alone");
    }
}

fn private(path: &Path) -> io::Result<File> {
    let file = open_private(path)?;
    tighten(path, 0o600);
    Ok(file)
}

fn open_private(path: &Path) -> io::Result<File> {
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
        // a table must exist to be read
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
