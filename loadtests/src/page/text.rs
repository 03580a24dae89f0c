//! The summary of a run for a terminal.

use std::fmt::Write as _;

use super::kinds::{KINDS, name};
use super::units::{THIN, bytes, clock, count, duration, figure, milliseconds, plural};
use super::verdict::{Verdict, adds_up};
use crate::scenario::run_report::{Event, Goal, Latency, Machine, RunReport, Sums};

/// Most events listed; further ones are counted.
const EVENTS: usize = 6;

/// A percentile's name and value.
type Percentile = (&'static str, fn(&Latency) -> f64);

const PERCENTILES: [Percentile; 5] = [
    ("p50", |latency| latency.p50_ms),
    ("p90", |latency| latency.p90_ms),
    ("p99", |latency| latency.p99_ms),
    ("p99.9", |latency| latency.p999_ms),
    ("longest", |latency| latency.max_ms),
];

/// Returns the report in twenty to thirty lines.
#[must_use]
pub fn text(report: &RunReport) -> String {
    let mut lines = vec![
        format!("{}: {}", report.scenario, Verdict::of(report).sentence),
        String::new(),
    ];
    lines.extend(sums(&report.sums));
    lines.push(String::new());
    lines.extend(answers(report));
    lines.extend(times(report));
    lines.extend(used(report));
    lines.extend(promises_and_goals(report));
    lines.extend(events(report));
    lines.push(String::new());
    lines.push(row(
        "machine",
        &format!("{}; seed {}", machine(&report.machine), report.seed),
    ));
    lines.push(row("again", &report.command));
    lines.into_iter().fold(String::new(), |mut text, line| {
        // writing to a string does not fail
        let _ = writeln!(text, "{}", line.trim_end());
        text
    })
}

/// Writes a name and its value as a row.
fn row(name: &str, value: &str) -> String {
    format!("{name:<11} {value}")
}

fn sums(sums: &Sums) -> Vec<String> {
    let sign = if adds_up(sums) { '=' } else { '≠' };
    let taken = match sums.taken {
        0 => String::new(),
        taken => format!(" + taken by hand {}", count(taken)),
    };
    let checked = |checked: u64, bad: u64| format!("{} ({} bad)", count(checked), count(bad));
    vec![
        row(
            "accepted",
            &format!(
                "{} {sign} registered {} + dead-lettered {}{taken} + lost {}",
                count(sums.accepted),
                count(sums.registered),
                count(sums.dead_lettered),
                count(sums.lost)
            ),
        ),
        row(
            "",
            &format!(
                "of {} attempted; registered twice {}, other findings {}",
                count(sums.attempted),
                count(sums.twice),
                count(sums.other_findings)
            ),
        ),
        row(
            "checked",
            &format!(
                "receipts {}, statuses {}",
                checked(sums.receipts_checked, sums.receipts_bad),
                checked(sums.statuses_checked, sums.statuses_bad)
            ),
        ),
    ]
}

fn answers(report: &RunReport) -> Vec<String> {
    let number = |kind| report.answers.get(&kind).copied().unwrap_or_default();
    let given = KINDS.into_iter().filter(|kind| number(*kind) > 0).enumerate();
    let line = |(index, kind)| {
        let first = if index == 0 { "answers" } else { "" };
        row(first, &format!("{:>11}  {}", count(number(kind)), name(kind)))
    };
    given.map(line).collect()
}

fn times(report: &RunReport) -> Vec<String> {
    let heads = PERCENTILES.map(|(name, _)| format!("{name:>12}"));
    let figures = |name: &str, latency: &Latency| {
        let of = |(_, of): Percentile| match latency.count {
            0 => format!("{:>12}", "–"),
            _ => format!("{:>12}", milliseconds(of(latency))),
        };
        format!("{name:<11}{}", PERCENTILES.map(of).concat())
    };
    vec![
        format!("{:<11}{}", "answered in", heads.concat()),
        figures("  accepted", &report.accepted_latency),
        figures("  all", &report.latency),
    ]
}

fn used(report: &RunReport) -> Vec<String> {
    let mut lines = Vec::new();
    let seconds = report.seconds.iter().enumerate().rev();
    if let Some((at, busiest)) = seconds.max_by_key(|(_, second)| second.due) {
        let (due, at) = (count(busiest.due.into()), clock(at as f64));
        lines.push(row("busiest", &format!("{due} due in the second {at}")));
    }
    lines.push(row(
        "took",
        &format!(
            "{} to the last answer, {} until everything was settled",
            duration(report.answered_after_s),
            duration(report.settled_after_s)
        ),
    ));
    let peaks = report.peak_memory_bytes.iter();
    let peaks: Vec<_> = peaks
        .map(|(name, peak)| format!("{name} {}", bytes(*peak as f64)))
        .collect();
    if !peaks.is_empty() {
        lines.push(row("memory", &peaks.join(", ")));
    }
    lines
}

fn promises_and_goals(report: &RunReport) -> Vec<String> {
    let promises = report.promises.iter().map(|promise| {
        let word = if promise.kept { "kept" } else { "BROKEN" };
        let detail = match promise.detail.as_str() {
            "" => String::new(),
            detail => format!(": {detail}"),
        };
        row(word, &format!("{}{detail}", promise.promise))
    });
    let goals = report.goals.iter().map(|goal| {
        let word = if goal.is_met() { "reached" } else { "missed" };
        row(
            word,
            &format!(
                "{}: {}, should be {}",
                goal.name,
                figure(goal.measured),
                bound(goal)
            ),
        )
    });
    promises.chain(goals).collect()
}

fn events(report: &RunReport) -> Vec<String> {
    let mut events: Vec<&Event> = report.events.iter().collect();
    events.sort_by(|one, other| one.at_s.total_cmp(&other.at_s));
    let shown = events.iter().take(EVENTS);
    let mut lines: Vec<_> = shown
        .map(|event| row(&format!("at {}", clock(event.at_s)), &event.what))
        .collect();
    if events.len() > EVENTS {
        lines.push(row("", &format!("and {} events more", events.len() - EVENTS)));
    }
    lines
}

/// Writes a goal as `≥ 5 944` or `≤ 10`.
fn bound(goal: &Goal) -> String {
    let sign = if goal.at_least { '≥' } else { '≤' };
    format!("{sign}{THIN}{}", figure(goal.goal))
}

fn machine(machine: &Machine) -> String {
    let cores = plural(machine.cores, "core", "cores");
    let memory = bytes(machine.memory_bytes as f64);
    format!("{cores} and {memory}, {} profile", machine.profile)
}
