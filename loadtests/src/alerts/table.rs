//! The table of a run in `docs/alerts-table.md`, between two marks; the text around it is
//! handwritten.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::alerts::{PACE, Seen, Trial};

/// Mark before the table.
const BEGIN: &str = "<!-- from here on made by `loadtests -- alerts --markdown` -->";
/// Mark after the table.
const END: &str = "<!-- until here -->";

/// Writes a row for each of these into the file's table. Rows of other alerts stay; those of
/// removed trials go.
///
/// # Errors
/// The file can't be read or written, or lacks the marks.
pub fn write(path: &Path, seen: &[Seen]) -> anyhow::Result<()> {
    let file = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(file)?;
    let (before, rest) = text
        .split_once(BEGIN)
        .context("the file has no place for the table")?;
    let (old, after) = rest.split_once(END).context("the table in the file has no end")?;
    let mut rows: BTreeMap<(String, String), String> = old.lines().filter_map(named).collect();
    for one in seen {
        let key = (one.alert.to_string(), one.trial.name.to_owned());
        rows.insert(key, row(one));
    }
    let table = markdown(&rows);
    fs::write(path, format!("{before}{BEGIN}\n\n{table}\n{END}{after}")).with_context(file)
}

/// Returns a row with its alert and trial, or nothing for other lines.
fn named(line: &str) -> Option<((String, String), String)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let (alert, trial) = (cells.next()?, cells.next()?);
    let trial = trial.strip_prefix('`')?.strip_suffix('`')?;
    Some(((alert.to_owned(), trial.to_owned()), line.to_owned()))
}

fn markdown(rows: &BTreeMap<(String, String), String>) -> String {
    let mut text = format!(
        "A minute of the rules lasted {} s, an hour {} s.\n\n\
         | alert | fault | fired after | resolved after |\n\
         | --- | --- | --- | --- |\n",
        PACE.minute, PACE.hour
    );
    let made = |trial: &&Trial| rows.keys().any(|(_, name)| name == trial.name);
    for ((_, name), row) in rows {
        if Trial::all().any(|trial| trial.name == name) {
            text.extend([row, "\n"]);
        }
    }
    text.push('\n');
    for trial in Trial::all().filter(made) {
        // writing to a string does not fail
        let _ = writeln!(
            text,
            "- `{}`: {} Mended: {}.",
            trial.name, trial.fault, trial.mended
        );
    }
    text
}

fn row(one: &Seen) -> String {
    format!(
        "| {} | `{}` | {:.0} s | {:.0} s |",
        one.alert,
        one.trial.name,
        one.fired_after.as_secs_f64(),
        one.resolved_after.as_secs_f64(),
    )
}
