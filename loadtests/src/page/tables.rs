//! The tables above the plots.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::kinds::{KINDS, name};
use super::units::{bytes, count, figure, milliseconds, share};
use crate::scenario::run_report::{AnswerKind, Goal, Latency, Promise, RunReport};

pub(crate) fn promises(promises: &[Promise]) -> Markup {
    html! {
        section #promises {
            h2 { "Promises" }
            @if promises.is_empty() {
                p.nothing { "No promise was checked." }
            } @else {
                table {
                    thead { tr { th scope="col" { "On every machine" } th scope="col" { "Held" } } }
                    tbody {
                        @for promise in promises {
                            tr.bad[!promise.kept] {
                                th scope="row" {
                                    (promise.promise)
                                    @if !promise.detail.is_empty() { small { (promise.detail) } }
                                }
                                td { (sign(promise.kept, ["kept", "broken"])) }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn goals(goals: &[Goal]) -> Markup {
    html! {
        section #goals {
            h2 { "Goals" }
            @if goals.is_empty() {
                p.nothing { "This scenario has no goals." }
            } @else {
                table {
                    thead {
                        tr {
                            th scope="col" { "These also depend on the machine" }
                            th scope="col" { "Measured" } th scope="col" { "Goal" } th scope="col" { "Reached" }
                        }
                    }
                    tbody {
                        @for goal in goals {
                            tr.missed[!goal.is_met()] {
                                th scope="row" { (goal.name) }
                                td { (figure(goal.measured)) }
                                td { (bound(goal)) }
                                td { (sign(goal.is_met(), ["reached", "missed"])) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Writes a goal as `≥ 5 944` or `≤ 10`.
pub(crate) fn bound(goal: &Goal) -> String {
    let sign = if goal.at_least { '≥' } else { '≤' };
    format!("{sign}{}{}", super::units::THIN, figure(goal.goal))
}

fn sign(is_well: bool, [yes, no]: [&str; 2]) -> Markup {
    html! {
        @if is_well {
            span.yes { "✓ " (yes) }
        } @else {
            span.no { "✗ " (no) }
        }
    }
}

/// A percentile's name and value.
pub(crate) type Percentile = (&'static str, fn(&Latency) -> f64);

/// The percentiles of the tables.
pub(crate) const PERCENTILES: [Percentile; 5] = [
    ("p50", |latency| latency.p50_ms),
    ("p90", |latency| latency.p90_ms),
    ("p99", |latency| latency.p99_ms),
    ("p99.9", |latency| latency.p999_ms),
    ("longest", |latency| latency.max_ms),
];

pub(crate) fn latencies(report: &RunReport) -> Markup {
    let rows = [
        ("Attempts that were accepted", &report.accepted_latency),
        ("All attempts", &report.latency),
    ];
    html! {
        section #percentiles {
            h2 { "Time to the answer" }
            div.wide {
                table {
                    thead {
                        tr {
                            th scope="col" { "From the intended start" } th scope="col" { "Answers" }
                            @for (name, _) in PERCENTILES { th scope="col" { (name) } }
                        }
                    }
                    tbody {
                        @for (name, latency) in rows {
                            tr {
                                th scope="row" { (name) }
                                td { (count(latency.count)) }
                                @for (_, of) in PERCENTILES {
                                    td { @if latency.count > 0 { (milliseconds(of(latency))) } @else { "–" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn answers(answers: &BTreeMap<AnswerKind, u64>) -> Markup {
    let all: u64 = answers.values().sum();
    html! {
        section #answers {
            h2 { "Answers" }
            @if all == 0 {
                p.nothing { "There were no answers." }
            } @else {
                table {
                    thead { tr { th scope="col" { "Kind" } th scope="col" { "Number" } th scope="col" { "Share" } } }
                    tbody {
                        @for (kind, number) in given(answers) {
                            tr { th scope="row" { (name(kind)) } td { (count(number)) } td { (share(number, all)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Returns the kinds that occurred, best first.
pub(crate) fn given(answers: &BTreeMap<AnswerKind, u64>) -> impl Iterator<Item = (AnswerKind, u64)> {
    let number = |kind| answers.get(&kind).copied().unwrap_or_default();
    KINDS
        .into_iter()
        .map(move |kind| (kind, number(kind)))
        .filter(|(_, number)| *number > 0)
}

pub(crate) fn memory(report: &RunReport) -> Markup {
    let mut peaks: Vec<_> = report.peak_memory_bytes.iter().collect();
    peaks.sort_by_key(|(_, peak)| std::cmp::Reverse(**peak));
    html! {
        section #peaks {
            h2 { "Memory" }
            @if peaks.is_empty() {
                p.nothing { "Memory was not measured." }
            } @else {
                table {
                    thead { tr { th scope="col" { "Process" } th scope="col" { "Most" } } }
                    tbody {
                        @for (process, peak) in peaks {
                            tr { th scope="row" { (process) } td { (bytes(*peak as f64)) } }
                        }
                    }
                }
            }
        }
    }
}
