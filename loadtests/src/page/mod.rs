//! A [`RunReport`] for readers: a self-contained HTML page, and a summary for the terminal.
//!
//! The page is rendered here: plots are SVG, and a small script only shows the values under the
//! pointer. It loads nothing from outside, so it can be kept, sent and opened as a file.

pub mod bins;
pub mod command;
mod kinds;
pub mod marks;
pub mod plot;
mod plots;
mod processes;
pub mod scale;
mod sections;
mod summaries;
mod tables;
mod text;
pub mod units;
pub mod verdict;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::json;

use self::bins::Bins;
use self::plot::Plot;
use self::verdict::Verdict;
use crate::scenario::run_report::RunReport;

pub use self::text::text;

/// Points of a plot: about as many as a wide screen can show.
const POINTS: usize = 600;
/// Most rows of a table that a reader would read.
const ROWS: usize = 60;
/// The page can't load anything, even if content were injected.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
/// An icon of two bars, so that the browser requests none.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%231f6feb' \
                    d='M2 9h5v5H2zM9 3h5v11H9z'/%3E%3C/svg%3E";

/// Returns the report as one self-contained HTML page.
#[must_use]
pub fn html(report: &RunReport) -> String {
    let report = &with_events_in_order(report);
    let (fine, coarse) = (Bins::new(report, POINTS), Bins::new(report, ROWS));
    let plots = plots::all(report, &fine);
    let tables = plots::all(report, &coarse);
    let marks = marks::marks(&report.events, &fine);
    let verdict = Verdict::of(report);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (report.scenario) ": " (verdict.sentence) }
                link rel="icon" href=(ICON);
                style { (PreEscaped(include_str!("style.css"))) }
                script type="application/json" id="readout" { (PreEscaped(readout(&plots, &fine))) }
                script { (PreEscaped(include_str!("readout.js"))) }
            }
            body {
                (sections::header(report, &verdict))
                main {
                    (sections::overview(report))
                    section #time {
                        h2 { "Over time" }
                        @if report.seconds.is_empty() {
                            p.nothing { "No second of the run was recorded." }
                        } @else {
                            (sections::events(&report.events))
                            p.note { (thinned(&fine)) }
                            @for (plot, table) in plots.iter().zip(&tables) {
                                (plot.html(&fine, &marks, (table, &coarse)))
                            }
                        }
                    }
                }
                (striped())
            }
        }
    };
    page.into_string()
}

fn with_events_in_order(report: &RunReport) -> RunReport {
    RunReport {
        events: marks::in_order(&report.events),
        ..report.clone()
    }
}

fn thinned(bins: &Bins) -> String {
    let a_point = if bins.width == 1 {
        "Every second is a point.".to_owned()
    } else {
        let width = units::duration(bins.width as f64);
        format!(
            "Every point is {width}: counts and cores are averages of them, all else is their worst second."
        )
    };
    format!("{a_point} Striped areas are what should not be; even the smallest is drawn.")
}

/// Returns the values under the pointer, as JSON text. `<` does not appear, so no text can end the
/// element.
fn readout(plots: &[Plot], bins: &Bins) -> String {
    let begins: Vec<_> = (0..bins.bins.len())
        .map(|index| units::clock(bins.begins_at_s(index)))
        .collect();
    let plots: serde_json::Map<_, _> = plots
        .iter()
        .map(|plot| (plot.id.to_owned(), json!(plot.readout())))
        .collect();
    json!({ "clock": begins, "plots": plots })
        .to_string()
        .replace('<', "\\u003c")
}

/// Returns the stripes of all plots. They are horizontal, so that stretching a plot does not change
/// them.
fn striped() -> Markup {
    html! {
        svg.definitions width="0" height="0" aria-hidden="true" {
            defs {
                pattern id="stripes" width="10" height="4" patternUnits="userSpaceOnUse" {
                    path d="M0 1H10" {}
                }
            }
        }
    }
}
