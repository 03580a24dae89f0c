//! A fake clock for a process, which can jump while it runs: libfaketime, loaded before the
//! program.
//!
//! Only the time of day is faked. Deadlines use the monotonic clock, which no jump of a real clock
//! touches either.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sportello_stack::{Error, Result, folders, state};

/// Its places in Debian, Ubuntu, Fedora and Arch.
const LIBRARIES: [&str; 5] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
    "/usr/local/lib/faketime/libfaketime.so.1",
];

/// The clock of the processes that are started with its environment.
#[derive(Debug, Clone)]
pub struct FakeClock {
    library: PathBuf,
    offset: PathBuf,
}

impl FakeClock {
    /// Makes a clock that is right until it jumps; this file holds its offset.
    ///
    /// # Errors
    ///
    /// When libfaketime is not installed, or the file can't be written.
    pub fn at(file: &Path) -> Result<Self> {
        let clock = Self {
            library: library()?,
            offset: file.to_owned(),
        };
        file.parent().map_or(Ok(()), folders::create)?;
        clock.jump(0)?;
        Ok(clock)
    }

    /// Returns the environment of a process that uses this clock.
    #[must_use]
    pub fn environment(&self) -> BTreeMap<String, String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        [
            ("LD_PRELOAD", text(&self.library)),
            ("FAKETIME_TIMESTAMP_FILE", text(&self.offset)),
            // the file is read at each look at the clock: 4 us instead of 0.1
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("FAKETIME_DONT_RESET", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Sets the clock this many seconds ahead of real time, or behind it if negative.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn jump(&self, seconds: i64) -> Result<()> {
        state::write_private(&self.offset, format!("{seconds:+}\n").as_bytes())
    }
}

fn library() -> Result<PathBuf> {
    LIBRARIES
        .iter()
        .map(PathBuf::from)
        .find(|library| library.is_file())
        .ok_or(Error::Missing {
            program: "libfaketime".to_owned(),
            package: "libfaketime",
        })
}
