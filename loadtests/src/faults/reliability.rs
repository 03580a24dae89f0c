//! The table of a run in `docs/reliability-table.md`, between two marks; the text around it is
//! handwritten.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use sportello_stack::machine_memory;

use crate::faults::Fault;
use crate::faults::report::FaultReport;
use crate::system::made::profile;

/// Mark before the table.
const BEGIN: &str = "<!-- from here on made by `loadtests -- matrix --markdown` -->";
/// Mark after the table.
const END: &str = "<!-- until here -->";

/// Writes a row for each of these reports into the file's table. Rows of other faults stay; those
/// of removed faults go.
///
/// # Errors
/// The file can't be read or written, or lacks the marks.
pub fn write(path: &Path, reports: &[FaultReport]) -> anyhow::Result<()> {
    let file = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(file)?;
    let (before, rest) = text
        .split_once(BEGIN)
        .context("the file has no place for the table")?;
    let (old, after) = rest.split_once(END).context("the table in the file has no end")?;
    let mut rows: BTreeMap<&str, String> = old.lines().filter_map(named).collect();
    rows.extend(reports.iter().map(|report| (report.fault.as_str(), row(report))));
    let table = markdown(&rows);
    fs::write(path, format!("{before}{BEGIN}\n\n{table}\n{END}{after}")).with_context(file)
}

/// Returns a row with the name of its fault, or nothing for other lines.
fn named(line: &str) -> Option<(&str, String)> {
    let (name, _) = line.strip_prefix("| `")?.split_once('`')?;
    Some((name, line.to_owned()))
}

/// Returns machine, results and faults as Markdown.
fn markdown(rows: &BTreeMap<&str, String>) -> String {
    let mut text = format!("On {}, load generator and servers included.\n\n", machine());
    text.push_str(
        "| fault | applications a second | seconds | attempts | accepted | `503` | broken connections | longest answer \
         | drained after | registered | lost | twice | promised | kept |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let with_a_row = || Fault::all().filter(|fault| rows.contains_key(fault.name));
    for fault in with_a_row() {
        text.extend([rows[fault.name].as_str(), "\n"]);
    }
    text.push('\n');
    for fault in with_a_row() {
        // writing to a string does not fail
        let _ = writeln!(text, "- `{fault}`: {}", fault.sentence);
    }
    text
}

fn row(report: &FaultReport) -> String {
    format!(
        "| `{}` | {} | {} | {} | {} | {} | {} | {:.0} ms | {:.1} s | {} | {} | {} | {} | {} |",
        report.fault,
        report.rate,
        report.seconds,
        report.attempts,
        report.accepted,
        report.answers.unavailable,
        report.answers.resets + report.answers.timeouts,
        report.longest_in_fault_ms,
        report.drained_after_s,
        report.registered,
        report.lost,
        report.twice,
        report.promise.text(),
        if report.is_well() { "yes" } else { "**no**" },
    )
}

/// Returns the class of machine: cores, memory, profile.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let gibibytes = machine_memory().div_ceil(1024 * 1024 * 1024);
    format!("{cores} cores with {gibibytes} GiB, {} profile", profile())
}
