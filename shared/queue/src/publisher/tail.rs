//! A small file of what an owner has sent, for the start after a crash.
//!
//! It is written without a sync, so it outlives the process and not the machine: it names the boot
//! of the machine, and is believed only within the same.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sportello_domain::{BenefitCounts, Channel, EdgeCounts, NumberSet, ProcessId, Statement};

const ENDING: &str = ".ledger";
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The numbers of an owner that no statement may have named yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) process: ProcessId,
    pub(super) next: u64,
    pub(super) decided_below: u64,
    pub(super) confirmed_messages: u64,
    pub(super) confirmed_applications: u64,
}

impl Tail {
    const BYTES: usize = 40;

    fn to_bytes(self) -> Vec<u8> {
        let process = self.process.to_bits().cast_unsigned();
        let decided = [self.next, self.decided_below];
        let confirmed = [self.confirmed_messages, self.confirmed_applications];
        let numbers = [process].into_iter().chain(decided).chain(confirmed);
        numbers.flat_map(u64::to_le_bytes).collect()
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<8>();
        let &[process, next, decided_below, messages, applications] = numbers else {
            return None;
        };
        rest.is_empty().then_some(Self {
            process: ProcessId::from_bits(i64::from_le_bytes(process)),
            next: u64::from_le_bytes(next),
            decided_below: u64::from_le_bytes(decided_below),
            confirmed_messages: u64::from_le_bytes(messages),
            confirmed_applications: u64::from_le_bytes(applications),
        })
    }

    /// Returns the closing statement. What was sent and not decided is unknown for ever.
    fn closing(self, channel: Channel) -> Statement {
        let mut exceptions = NumberSet::default();
        exceptions.insert_range(self.decided_below..self.next);
        Statement {
            process: self.process,
            channel,
            decided_below: self.next.max(self.decided_below),
            exceptions,
            confirmed_messages: self.confirmed_messages,
            confirmed_applications: self.confirmed_applications,
            // its spool is the successor's
            edge: EdgeCounts::default(),
            benefits: BenefitCounts::default(),
            stated_at: Timestamp::now(),
            is_final: true,
        }
    }
}

/// The file of a running owner. Removed once its last statement is kept.
pub(super) struct TailFile {
    file: File,
    path: PathBuf,
    failed: bool,
}

impl TailFile {
    /// Makes the file of this process and channel in the folder.
    pub(super) fn create(folder: &Path, channel: Channel, tail: Tail) -> io::Result<Self> {
        let path = folder.join(format!("{}{}{ENDING}", prefix(channel), tail.process));
        let file = File::create(&path)?;
        file.write_all_at(&[tail.to_bytes(), boot_id()?].concat(), 0)?;
        Ok(Self {
            file,
            path,
            failed: false,
        })
    }

    /// Writes the present state: a microsecond, into the system's memory.
    pub(super) fn write(&mut self, tail: Tail) {
        let written = self.file.write_all_at(&tail.to_bytes(), 0);
        if let Err(error) = &written
            && !self.failed
        {
            tracing::warn!(%error, "the ledger's file can't be written: a crash would leave an open tail");
        }
        self.failed = written.is_err();
    }

    /// Removes the file: there is nothing left to say.
    pub(super) fn remove(self) {
        remove(&self.path);
    }
}

/// The last statement of a process that ended without one, made from its file.
pub(super) struct Closing {
    pub(super) statement: Statement,
    path: PathBuf,
}

impl Closing {
    /// Reads the files that earlier processes left in the folder.
    pub(super) fn all(folder: &Path, channel: Channel) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if !name.starts_with(&prefix(channel)) || !name.ends_with(ENDING) {
                continue;
            }
            match read(&path, channel) {
                Some(statement) => found.push(Self { statement, path }),
                None => {
                    tracing::warn!(
                        file = name,
                        "the ledger's file of an earlier process is of another boot or can't be read: \
                         its last second stays open"
                    );
                    remove(&path);
                }
            }
        }
        Ok(found)
    }

    /// Removes the file, once the statement is kept.
    pub(super) fn remove_file(self) {
        remove(&self.path);
    }
}

fn prefix(channel: Channel) -> String {
    format!("{}-", channel.as_str())
}

fn boot_id() -> io::Result<Vec<u8>> {
    fs::read(BOOT_ID)
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::debug!(%error, "the ledger's file can't be removed");
    }
}

fn read(path: &Path, channel: Channel) -> Option<Statement> {
    let bytes = fs::read(path).ok()?;
    let (tail, boot) = bytes.split_at_checked(Tail::BYTES)?;
    (boot == boot_id().ok()?).then_some(())?;
    Tail::of_bytes(tail).map(|tail| tail.closing(channel))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_start_closes_what_a_killed_process_left_open() {
        let folder = tempfile::tempdir().unwrap();
        let tail = Tail {
            process: ProcessId::from_bits(-7),
            next: 0,
            decided_below: 0,
            confirmed_messages: 0,
            confirmed_applications: 0,
        };
        let mut file = TailFile::create(folder.path(), Channel::Citizen, tail).unwrap();
        file.write(Tail {
            next: 12,
            decided_below: 10,
            confirmed_messages: 9,
            confirmed_applications: 300,
            ..tail
        });
        assert_eq!(
            Closing::all(folder.path(), Channel::Intermediary).unwrap().len(),
            0
        );
        let mut found = Closing::all(folder.path(), Channel::Citizen).unwrap();
        let closing = found.pop().unwrap();
        assert!(found.is_empty() && closing.statement.is_final);
        assert_eq!(closing.statement.process, tail.process);
        assert_eq!(closing.statement.decided_below, 12);
        assert_eq!(closing.statement.exceptions, [10, 11].into_iter().collect());
        assert_eq!(closing.statement.confirmed_applications, 300);
        closing.remove_file();
        assert_eq!(Closing::all(folder.path(), Channel::Citizen).unwrap().len(), 0);
    }

    #[test]
    fn a_file_of_another_boot_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("citizen-0000000000000001.ledger");
        fs::write(&path, [[0_u8; Tail::BYTES].as_slice(), b"another boot"].concat()).unwrap();
        assert_eq!(Closing::all(folder.path(), Channel::Citizen).unwrap().len(), 0);
        assert!(!path.exists());
    }
}
