//! The sections above the plots.

use maud::{Markup, html};

use super::tables;
use super::units::{bytes, clock, count, duration, share};
use super::verdict::{Verdict, adds_up};
use crate::scenario::run_report::{Event, Machine, RunReport, Sums};

pub(crate) fn header(report: &RunReport, verdict: &Verdict) -> Markup {
    let (class, sign) = match verdict.is_well {
        Some(true) => ("well", "✓"),
        Some(false) => ("broken", "✗"),
        None => ("unknown", "?"),
    };
    html! {
        header {
            p.what { "Sportello " span { "·" } " run of a scenario" }
            h1 { (report.scenario) }
            @if !report.description.is_empty() { p.description { (report.description) } }
            p.verdict.(class) role="status" {
                span.sign aria-hidden="true" { (sign) }
                span { (verdict.sentence) }
            }
        }
    }
}

pub(crate) fn overview(report: &RunReport) -> Markup {
    html! {
        (sum(&report.sums))
        (key_figures(report))
        div.columns {
            (tables::promises(&report.promises))
            (tables::goals(&report.goals))
        }
        (tables::latencies(report))
        div.columns {
            (tables::answers(&report.answers))
            (tables::memory(report))
        }
        (again(report))
    }
}

/// Shows `accepted = registered + dead-lettered + lost`, and the other comparisons.
fn sum(sums: &Sums) -> Markup {
    let lost = if sums.lost > 0 { "bad" } else { "" };
    let term = |number: u64, name: &str, class: &str| {
        html! { span.term.(class) { b { (count(number)) } span { (name) } } }
    };
    html! {
        section #sum {
            h2 { "Nothing lost?" }
            p.sum {
                (term(sums.accepted, "accepted", ""))
                i { @if adds_up(sums) { "=" } @else { "≠" } }
                (term(sums.registered, "registered", ""))
                i { "+" }
                (term(sums.dead_lettered, "dead-lettered", ""))
                i { "+" }
                (term(sums.lost, "lost", lost))
            }
            dl.facts {
                (fact("Attempted", count(sums.attempted), false))
                (fact("Registered twice", count(sums.twice), sums.twice > 0))
                (fact("Other findings", count(sums.other_findings), sums.other_findings > 0))
                (fact("Receipts checked", checked(sums.receipts_checked, sums.receipts_bad), sums.receipts_bad > 0))
                (fact("Statuses checked", checked(sums.statuses_checked, sums.statuses_bad), sums.statuses_bad > 0))
            }
        }
    }
}

fn fact(name: &str, value: String, is_bad: bool) -> Markup {
    html! {
        div.bad[is_bad] { dt { (name) } dd { (value) } }
    }
}

fn checked(checked: u64, bad: u64) -> String {
    if checked == 0 {
        "none".to_owned()
    } else {
        format!("{}, {} bad", count(checked), count(bad))
    }
}

fn key_figures(report: &RunReport) -> Markup {
    let sums = &report.sums;
    let per_second = |number: u64, seconds: f64| {
        if seconds > 0.0 {
            format!("{} a second", super::units::figure(number as f64 / seconds))
        } else {
            "–".to_owned()
        }
    };
    let busiest = super::summaries::busiest(report).map_or_else(
        || "–".to_owned(),
        |(due, at)| format!("{} due at {at}", count(u64::from(due))),
    );
    html! {
        dl.facts.key {
            (fact("Last answer after", duration(report.answered_after_s), false))
            (fact("Everything settled after", duration(report.settled_after_s), false))
            (fact("Registered, end to end", per_second(sums.registered, report.settled_after_s), false))
            (fact("Busiest second", busiest, false))
            (fact("Attempts accepted", share(sums.accepted, sums.attempted), false))
        }
    }
}

/// Shows the machine, the seed, and the command of the same run.
fn again(report: &RunReport) -> Markup {
    html! {
        section #again {
            h2 { "Run it again" }
            pre { code { (report.command) } }
            p.note {
                "Begun " (instant(report)) " on a machine with " (machine(&report.machine)) "; seed " (report.seed) ". "
                "The same seed makes the same people and the same arrivals."
                @if report.machine.profile == "debug" {
                    " Programs were built for development: times and rates say little about a release."
                }
            }
        }
    }
}

pub(crate) fn machine(machine: &Machine) -> String {
    let cores = super::units::plural(machine.cores, "core", "cores");
    format!(
        "{cores} and {}, {} profile",
        bytes(machine.memory_bytes as f64),
        machine.profile
    )
}

pub(crate) fn instant(report: &RunReport) -> String {
    report.begun_at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

pub(crate) fn events(events: &[Event]) -> Markup {
    html! {
        div #events {
            @if events.is_empty() {
                p.note { "No event disturbed the system." }
            } @else {
                ol.events {
                    @for event in events {
                        li { time { (clock(event.at_s)) } " " (event.what) }
                    }
                }
            }
        }
    }
}
