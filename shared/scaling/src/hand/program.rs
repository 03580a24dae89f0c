//! A program of the platform, run to its end.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::HandError;

/// Bytes of an output that an error shows.
const SHOWN: usize = 500;

/// A program with the words that always come first, such as `docker compose`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    program: String,
    first: Vec<String>,
}

impl Program {
    /// Reads a command line: words with spaces between, without quotes.
    pub(super) fn parse(line: &str) -> Self {
        let mut words = line.split_whitespace().map(str::to_owned);
        Self {
            program: words.next().unwrap_or_default(),
            first: words.collect(),
        }
    }

    /// Runs it and returns its standard output. It is killed if it takes longer.
    pub(super) async fn run<S: AsRef<OsStr>>(
        &self,
        arguments: &[S],
        longest: Duration,
    ) -> Result<String, HandError> {
        let mut command = Command::new(&self.program);
        command.args(&self.first).args(arguments);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let running = timeout(longest, command.output());
        let Ok(ended) = running.await else {
            return Err(HandError::TimedOut {
                what: self.line(arguments),
                seconds: longest.as_secs(),
            });
        };
        let output = ended.map_err(|error| HandError::Program {
            program: self.program.clone(),
            cause: error.to_string(),
        })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(HandError::Command {
            command: self.line(arguments),
            status: output.status.to_string(),
            output: last(&output.stderr),
        })
    }

    /// Returns the command line, for an error.
    pub(super) fn line<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        let first = self.first.iter().map(OsStr::new);
        let words = std::iter::once(OsStr::new(&self.program)).chain(first);
        let words = words.chain(arguments.iter().map(AsRef::as_ref));
        let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
        words.join(" ")
    }
}

/// Returns the end of an output, where programs say what went wrong.
fn last(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let text = text.trim();
    let from = text.len().saturating_sub(SHOWN);
    let from = (from..text.len()).find(|at| text.is_char_boundary(*at));
    text.get(from.unwrap_or_default()..)
        .unwrap_or_default()
        .to_owned()
}
