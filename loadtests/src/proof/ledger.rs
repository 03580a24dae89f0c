//! The ledger of requests and answers, kept outside the system: a file of JSON lines.
//!
//! Its own thread writes new lines and syncs them to the disk in groups. The audit reads the file,
//! not the senders' memory.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::proof::answer::Answer;

/// One attempt to send one application.
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
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
        /// Intended start.
        due_us: u64,
        /// The idempotency key.
        key: String,
    },
    /// An attempt ended.
    Answered {
        /// The attempt.
        #[serde(flatten)]
        attempt: Attempt,
        /// Intended start.
        due_us: u64,
        /// From the intended start to the end of the answer.
        latency_us: u64,
        /// The answer.
        #[serde(flatten)]
        answer: Answer,
        /// Its receipt, if kept for a later check.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        receipt: String,
    },
    /// The application will not be sent again.
    GivenUp {
        /// The application's number.
        application: u64,
    },
}

/// Longest wait of lines for a common sync: a sync costs the same for any number of lines, and the
/// servers under test sync to the same disk.
const SYNCED_EVERY: Duration = Duration::from_millis(50);
/// Bytes at which a page goes to the writer at once.
const PAGE: usize = 64 * 1024;

enum Job {
    Write(Line),
    Lines(Vec<u8>),
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
    /// The file can't be made, or exists already.
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

    /// Returns the time since its begin.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Records the start of an attempt that was due at this instant.
    pub fn sent(&self, attempt: Attempt, due: Instant, key: &str) {
        let due_us = microseconds(due.saturating_duration_since(self.begun));
        self.write(Line::Sent {
            attempt,
            due_us,
            key: key.to_owned(),
        });
    }

    /// Records the answer to an attempt that was due at this instant.
    pub fn answered(&self, attempt: Attempt, due: Instant, answer: Answer) {
        let due_us = microseconds(due.saturating_duration_since(self.begun));
        let latency_us = microseconds(due.elapsed());
        self.write(Line::Answered {
            attempt,
            due_us,
            latency_us,
            answer,
            receipt: String::new(),
        });
    }

    /// The application will not be sent again.
    pub fn given_up(&self, application: u64) {
        self.write(Line::GivenUp { application });
    }

    /// Makes a page for a thread that writes thousands of lines a second.
    #[must_use]
    pub fn page(&self) -> Page {
        Page {
            begun: self.begun,
            jobs: self.jobs.clone(),
            lines: Vec::new(),
        }
    }

    /// Reads all lines so far back from the disk.
    ///
    /// # Errors
    /// It can't be written, or can't be read.
    pub fn read(&self) -> Result<Vec<Line>, LedgerError> {
        self.lines()?.collect()
    }

    /// As [`Ledger::read`], one line after the other.
    ///
    /// # Errors
    /// It can't be written, or can't be read.
    pub fn lines(
        &self,
    ) -> Result<impl Iterator<Item = Result<Line, LedgerError>> + Send + use<>, LedgerError> {
        let (done, waiting) = channel();
        let written = self.jobs.send(Job::Flush(done)).is_ok() && waiting.recv().is_ok();
        if !written {
            return Err(problem(&self.path, "it can no longer be written"));
        }
        read(&self.path)
    }

    /// Closes it, with everything on the disk.
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
        // if the writer has ended, `read` and `close` report it
        let _ = self.jobs.send(Job::Write(line));
    }
}

/// Lines of one thread, which go to the writer together.
pub struct Page {
    begun: Instant,
    jobs: Sender<Job>,
    lines: Vec<u8>,
}

impl Page {
    /// Records the start of an attempt that was due at this instant.
    pub fn sent(&mut self, attempt: Attempt, due: Instant, key: &str) {
        let due_us = microseconds(due.saturating_duration_since(self.begun));
        let key = key.to_owned();
        self.write(&Line::Sent { attempt, due_us, key });
    }

    /// Records the answer to an attempt that was due at this instant, with its receipt, if any.
    pub fn answered(&mut self, attempt: Attempt, due: Instant, answer: Answer, receipt: String) {
        let due_us = microseconds(due.saturating_duration_since(self.begun));
        let latency_us = microseconds(due.elapsed());
        self.write(&Line::Answered {
            attempt,
            due_us,
            latency_us,
            answer,
            receipt,
        });
    }

    /// The application will not be sent again.
    pub fn given_up(&mut self, application: u64) {
        self.write(&Line::GivenUp { application });
    }

    /// Hands its lines to the writer.
    pub fn hand_over(&mut self) {
        if !self.lines.is_empty() {
            // if the writer has ended, reading or closing the ledger reports it
            let _ = self.jobs.send(Job::Lines(std::mem::take(&mut self.lines)));
        }
    }

    fn write(&mut self, line: &Line) {
        // a line is always valid JSON, and writing to memory does not fail
        let _ = serde_json::to_writer(&mut self.lines, line);
        self.lines.push(b'\n');
        if self.lines.len() >= PAGE {
            self.hand_over();
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.hand_over();
    }
}

/// Reads a ledger, one line after the other.
///
/// # Errors
/// The file can't be opened; an unreadable line is an error item.
pub fn read(
    path: &Path,
) -> Result<impl Iterator<Item = Result<Line, LedgerError>> + Send + use<>, LedgerError> {
    let file = File::open(path).map_err(|error| problem(path, error))?;
    let path = path.to_owned();
    let parse = move |line: io::Result<String>| {
        let line = line.and_then(|line| serde_json::from_str(&line).map_err(io::Error::from));
        line.map_err(|error| problem(&path, error))
    };
    Ok(BufReader::new(file).lines().map(parse))
}

/// Writes and syncs new lines, group by group, until all senders are gone.
fn write(file: File, inbox: &Receiver<Job>) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    while let Ok(mut job) = inbox.recv() {
        let sync_at = Instant::now() + SYNCED_EVERY;
        let waiting = loop {
            match job {
                Job::Write(line) => {
                    serde_json::to_writer(&mut file, &line)?;
                    file.write_all(b"\n")?;
                }
                Job::Lines(lines) => file.write_all(&lines)?,
                Job::Flush(done) => break Some(done),
            }
            let left = sync_at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break None;
            }
            match inbox.recv_timeout(left) {
                Ok(next) => job = next,
                Err(_) => break None,
            }
        };
        file.flush()?;
        file.get_ref().sync_data()?;
        if let Some(done) = waiting {
            // a caller that has gone needs no answer
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
        let again: Vec<Line> = read(&path).unwrap().map(Result::unwrap).collect();
        assert_eq!(again, lines);
        assert!(Ledger::begin(&path).is_err(), "a ledger is never written over");
    }

    #[test]
    fn a_page_is_read_back_with_its_receipts_once_it_is_handed_over() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::begin(&folder.path().join("ledger.jsonl")).unwrap();
        let attempt = Attempt {
            application: 7,
            attempt: 1,
        };
        let mut page = ledger.page();
        page.sent(attempt, Instant::now(), "key");
        let accepted = Answer::Accepted {
            id: uuid::Uuid::nil(),
            received_at: jiff::Timestamp::UNIX_EPOCH,
        };
        page.answered(attempt, Instant::now(), accepted, "a.b.c".to_owned());
        assert_eq!(ledger.read().unwrap(), []);
        page.given_up(7);
        drop(page);
        let lines = ledger.read().unwrap();
        assert!(matches!(&lines[0], Line::Sent { key, .. } if key == "key"));
        assert!(matches!(&lines[1], Line::Answered { receipt, .. } if receipt == "a.b.c"));
        assert_eq!(lines[2], Line::GivenUp { application: 7 });
    }
}
