//! A [`RunReport`] for readers: a self-contained HTML page, and a summary for the terminal.
//!
//! The page is a template with the run's figures as JSON: its script makes the tables, and uPlot
//! draws the charts. It loads nothing from outside, so it can be kept, sent and opened as a file.

pub mod command;
mod kinds;
mod text;
pub mod units;
pub mod verdict;

use serde_json::json;

use self::kinds::{KINDS, name};
use self::verdict::Verdict;
use crate::scenario::run_report::RunReport;

pub use self::text::text;

const TEMPLATE: &str = include_str!("template.html");

/// Returns the report as one self-contained HTML page.
#[must_use]
pub fn html(report: &RunReport) -> String {
    let verdict = Verdict::of(report);
    let fill = |place: &str| match place {
        "scenario" => escaped(&report.scenario),
        "verdict" => escaped(&verdict.sentence),
        "class" => verdict.class().to_owned(),
        "run" => figures(report),
        "uplot.js" => include_str!("vendor/uPlot.iife.min.js").to_owned(),
        "uplot.css" => include_str!("vendor/uPlot.min.css").to_owned(),
        "uplot.licence" => include_str!("vendor/LICENSE").to_owned(),
        unknown => format!("{{{{{unknown}}}}}"),
    };
    let mut parts = TEMPLATE.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for (place, rest) in parts.filter_map(|part| part.split_once("}}")) {
        page += &fill(place);
        page += rest;
    }
    page
}

/// Returns the report as JSON for the page's script, with the names of the answers. `<` does not
/// appear, so no text can end the element.
fn figures(report: &RunReport) -> String {
    let kinds = KINDS.map(|kind| (kind, name(kind)));
    json!({ "kinds": kinds, "run": report })
        .to_string()
        .replace('<', "\\u003c")
}

/// Escapes text for the content of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
