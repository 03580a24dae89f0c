//! What was sent and what was answered, kept outside the system: a file of JSON lines.
//!
//! A thread of its own writes what has come meanwhile and syncs it to the disk, group by group. The audit reads the
//! file, not the memory of those who wrote it.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::client::Answer;

/// The attempt to send one application once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The application's number.
    pub application: u64,
    /// 1 for the first attempt.
    pub attempt: u32,
}

/// A line of the ledger. Times are microseconds since the ledger was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    /// An attempt begins.
    Sent {
        /// Which one.
        #[serde(flatten)]
        attempt: Attempt,
        /// When it should have begun.
        due_us: u64,
        /// The idempotency key.
        key: String,
    },
    /// An attempt ended.
    Answered {
        /// Which one.
        #[serde(flatten)]
        attempt: Attempt,
        /// When it should have begun.
        due_us: u64,
        /// From then to the end of the answer.
        latency_us: u64,
        /// What came.
        #[serde(flatten)]
        answer: Answer,
    },
    /// Nobody will send this application again.
    GivenUp {
        /// The application's number.
        application: u64,
    },
}

enum Job {
    Write(Line),
    Flush(Sender<()>),
}

/// A ledger that is being written.
pub struct Ledger {
    path: PathBuf,
    begun: Instant,
    jobs: Sender<Job>,
    writer: JoinHandle<io::Result<()>>,
}

/// The ledger can't be written or read.
#[derive(Debug, thiserror::Error)]
#[error("the ledger {}: {problem}", path.display())]
pub struct LedgerError {
    path: PathBuf,
    problem: String,
}

impl Ledger {
    /// Begins a ledger in a new file.
    ///
    /// # Errors
    /// The file can't be made, or is there already.
    pub fn begin(path: &Path) -> Result<Self, LedgerError> {
        let file = File::create_new(path).map_err(|error| problem(path, error))?;
        let (jobs, inbox) = channel();
        let writer = std::thread::spawn(move || write(file, &inbox));
        Ok(Self {
            path: path.to_owned(),
            begun: Instant::now(),
            jobs,
            writer,
        })
    }

    /// Time since it was begun.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// An attempt begins that was due at this instant.
    pub fn sent(&self, attempt: Attempt, due: Instant, key: &str) {
        let due_us = microseconds(due.saturating_duration_since(self.begun));
        self.write(Line::Sent {
            attempt,
            due_us,
            key: key.to_owned(),
        });
    }

    /// The answer to an attempt that was due at this instant has come.
    pub fn answered(&self, attempt: Attempt, due: Instant, answer: Answer) {
        let due_us = microseconds(due.saturating_duration_since(self.begun));
        let latency_us = microseconds(due.elapsed());
        self.write(Line::Answered {
            attempt,
            due_us,
            latency_us,
            answer,
        });
    }

    /// Nobody will send this application again.
    pub fn given_up(&self, application: u64) {
        self.write(Line::GivenUp { application });
    }

    /// Everything written so far, read back from the disk.
    ///
    /// # Errors
    /// It can't be written, or can't be read.
    pub fn read(&self) -> Result<Vec<Line>, LedgerError> {
        let (done, waiting) = channel();
        let written = self.jobs.send(Job::Flush(done)).is_ok() && waiting.recv().is_ok();
        if !written {
            return Err(problem(&self.path, "it can no longer be written"));
        }
        read(&self.path)
    }

    /// Ends it, with everything on the disk.
    ///
    /// # Errors
    /// Something could not be written.
    pub fn close(self) -> Result<(), LedgerError> {
        let Self {
            path, jobs, writer, ..
        } = self;
        drop(jobs);
        let written = writer.join().map_err(|_| problem(&path, "its writer panicked"))?;
        written.map_err(|error| problem(&path, error))
    }

    fn write(&self, line: Line) {
        // where the writer has ended, `read` and `close` say so
        let _ = self.jobs.send(Job::Write(line));
    }
}

/// Reads a ledger.
///
/// # Errors
/// A line that can't be read.
pub fn read(path: &Path) -> Result<Vec<Line>, LedgerError> {
    let file = File::open(path).map_err(|error| problem(path, error))?;
    let parse = |line: io::Result<String>| serde_json::from_str(&line?).map_err(io::Error::from);
    let lines = BufReader::new(file).lines().map(parse);
    lines
        .collect::<io::Result<_>>()
        .map_err(|error| problem(path, error))
}

/// Writes and syncs what has come, group by group, until nobody can send more.
fn write(file: File, inbox: &Receiver<Job>) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    while let Ok(first) = inbox.recv() {
        let mut waiting = Vec::new();
        for job in std::iter::once(first).chain(inbox.try_iter()) {
            match job {
                Job::Write(line) => {
                    serde_json::to_writer(&mut file, &line)?;
                    file.write_all(b"\n")?;
                }
                Job::Flush(done) => waiting.push(done),
            }
        }
        file.flush()?;
        file.get_ref().sync_data()?;
        for done in waiting {
            // who no longer waits needs no answer
            let _ = done.send(());
        }
    }
    Ok(())
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn problem(path: &Path, problem: impl ToString) -> LedgerError {
    LedgerError {
        path: path.to_owned(),
        problem: problem.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let ledger = Ledger::begin(&path).unwrap();
        let attempt = Attempt {
            application: 7,
            attempt: 2,
        };
        ledger.sent(attempt, Instant::now(), "key");
        let answers = [
            Answer::Accepted {
                id: uuid::Uuid::nil(),
                received_at: jiff::Timestamp::UNIX_EPOCH,
            },
            Answer::Unavailable {
                status: 503,
                retry_after: Some(2),
            },
            Answer::Wrong { status: 500 },
            Answer::NoConnection,
            Answer::Broken,
            Answer::TimedOut,
        ];
        for answer in answers.clone() {
            ledger.answered(attempt, Instant::now(), answer);
        }
        ledger.given_up(7);

        let lines = ledger.read().unwrap();
        assert!(matches!(&lines[0], Line::Sent { attempt: a, key, .. } if *a == attempt && key == "key"));
        assert_eq!(lines[7], Line::GivenUp { application: 7 });
        for (line, expected) in lines[1..7].iter().zip(answers) {
            assert!(matches!(line, Line::Answered { answer, .. } if *answer == expected));
        }
        ledger.close().unwrap();
        assert_eq!(read(&path).unwrap(), lines);
        assert!(Ledger::begin(&path).is_err(), "a ledger is never written over");
    }
}
