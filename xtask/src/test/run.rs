//! Running test programs side by side.

use std::collections::VecDeque;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::ops::AddAssign;
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::programs::Program;
use crate::command::root;

/// How many tests passed, failed and were left out, and which failed.
#[derive(Debug, Default)]
pub struct Totals {
    passed: u64,
    failed: u64,
    skipped: u64,
    failures: Vec<String>,
}

/// Runs programs: those that need the machine first and one after the other, then the rest, so many
/// side by side. One that fails does not hide what the others would say.
pub fn all(programs: &[Program], filter: Option<&str>, jobs: u8, environment: &[(String, String)]) -> Totals {
    let (alone, beside): (Vec<_>, Vec<_>) = programs.iter().partition(|program| program.is_alone());
    let mut totals = side_by_side(alone, 1, filter, environment);
    totals += side_by_side(beside, jobs, filter, environment);
    totals
}

fn side_by_side(
    programs: Vec<&Program>,
    jobs: u8,
    filter: Option<&str>,
    environment: &[(String, String)],
) -> Totals {
    let waiting = Mutex::new(VecDeque::from(programs));
    let totals = Mutex::new(Totals::default());
    let work = || {
        while let Some(program) = next(&waiting) {
            let begun = Instant::now();
            let result = Totals::of(&program.name, &program.run(filter, environment), begun.elapsed());
            *totals.lock().unwrap_or_else(PoisonError::into_inner) += result;
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(work);
        }
    });
    totals.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn next<'a>(waiting: &Mutex<VecDeque<&'a Program>>) -> Option<&'a Program> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

impl Program {
    fn run(&self, filter: Option<&str>, environment: &[(String, String)]) -> std::io::Result<Output> {
        let mut command = Command::new(&self.path);
        if self.is_alone() {
            command.arg("--test-threads=1");
        }
        if self.with_ignored {
            command.arg("--include-ignored");
        }
        command
            .args(filter)
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .envs(snapshots())
            .envs(environment.iter().map(|(name, value)| (name, value)));
        command.output()
    }
}

/// Variables of `insta`: tests compare snapshots, and write them only where the caller says so.
fn snapshots() -> [(&'static str, OsString); 2] {
    let update = env::var_os("INSTA_UPDATE").unwrap_or_else(|| "no".into());
    [("INSTA_WORKSPACE_ROOT", root().into()), ("INSTA_UPDATE", update)]
}

impl Totals {
    /// Reads what a program printed, and shows it: a line, or everything where a test failed.
    pub fn of(name: &str, output: &std::io::Result<Output>, took: Duration) -> Self {
        let (text, is_good) = match output {
            Ok(output) => (
                [output.stdout.as_slice(), &output.stderr].concat(),
                output.status.success(),
            ),
            Err(error) => (error.to_string().into_bytes(), false),
        };
        let text = String::from_utf8_lossy(&text);
        let mut totals = Self::parse(&text);
        if !is_good && totals.failed == 0 {
            totals.failed = 1;
            totals.failures.push(format!("{name} ended early"));
        }
        let mark = if totals.is_good() { '✓' } else { '✗' };
        if !totals.is_good() {
            println!("{text}");
        }
        if !totals.is_empty() {
            let (ran, seconds) = (totals.passed + totals.failed, took.as_secs_f32());
            println!("  {mark} {name}: {ran} tests ({seconds:.1} s)");
        }
        totals
    }

    /// Sums up the closing lines of libtest, or of node.
    fn parse(text: &str) -> Self {
        let mut totals = Self::default();
        for line in text.lines() {
            if let Some(result) = line.strip_prefix("test result: ") {
                totals.passed += count(result, " passed");
                totals.failed += count(result, " failed");
                totals.skipped += count(result, " ignored");
            } else if let Some((kind, number)) = node(line) {
                match kind {
                    "pass" => totals.passed += number,
                    "fail" | "cancelled" => totals.failed += number,
                    "skipped" | "todo" => totals.skipped += number,
                    _ => {}
                }
            } else if let Some(name) = line.strip_prefix("not ok ") {
                totals
                    .failures
                    .push(name.trim_start_matches(|it: char| !it.is_alphabetic()).to_owned());
            } else if let Some(name) = line.strip_suffix(" ... FAILED") {
                totals.failures.push(name.trim_start_matches("test ").to_owned());
            }
        }
        totals
    }

    /// Whether no test failed.
    pub fn is_good(&self) -> bool {
        self.failed == 0
    }

    /// Whether no test ran.
    pub fn is_empty(&self) -> bool {
        self.passed + self.failed == 0
    }
}

/// A count of node's reporter `tap`: `# pass 3`.
fn node(line: &str) -> Option<(&str, u64)> {
    let (kind, number) = line.strip_prefix("# ")?.split_once(' ')?;
    Some((kind, number.parse().ok()?))
}

/// The number before a word: 3 of `ok. 3 passed; 0 failed`.
fn count(result: &str, word: &str) -> u64 {
    let before = result
        .split(word)
        .next()
        .filter(|before| before.len() < result.len());
    let number = before.and_then(|before| before.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in &self.failures {
            writeln!(f, "  ✗ {name}")?;
        }
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_add_up_and_failures_are_named() {
        let text = "test a::b ... FAILED\ntest c ... ok\n\
                    test result: FAILED. 1 passed; 1 failed; 2 ignored; 0 measured; 7 filtered out; finished in 0.1s\n\
                    test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let totals = Totals::parse(text);
        assert_eq!(totals.to_string(), "  ✗ a::b\n13 passed, 1 failed, 2 skipped");
        assert!(!totals.is_good() && !totals.is_empty());
        assert!(Totals::parse("").is_empty());
    }

    #[test]
    fn tests_of_node_are_counted_and_named_too() {
        let text = "not ok 2 - sends once\n# tests 3\n# pass 2\n# fail 1\n# skipped 0\n# duration_ms 12.5\n";
        assert_eq!(
            Totals::parse(text).to_string(),
            "  ✗ sends once\n2 passed, 1 failed, 0 skipped"
        );
    }
}
