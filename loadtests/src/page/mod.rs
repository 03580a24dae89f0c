//! A [`RunReport`] for readers: a self-contained HTML page, and a summary for the terminal.
//!
//! The page is a template with the run's figures as JSON: its script makes the tables, and uPlot
//! draws the charts. It loads nothing from outside, so it can be kept, sent and opened as a file.

pub mod command;
mod kinds;
mod text;
pub mod units;
pub mod verdict;

use serde_json::{Value, json};

use self::kinds::{KINDS, name};
use self::verdict::Verdict;
use crate::scenario::run_report::RunReport;

pub use self::text::text;

const TEMPLATE: &str = include_str!("template.html");

/// Returns the report as one self-contained HTML page.
#[must_use]
pub fn html(report: &RunReport) -> String {
    let verdict = Verdict::of(report);
    let kinds = KINDS.map(|kind| (kind, name(kind)));
    filled(TEMPLATE, |place| match place {
        "scenario" => Some(escaped(&report.scenario)),
        "verdict" => Some(escaped(&verdict.sentence)),
        "class" => Some(verdict.class().to_owned()),
        "run" => Some(without_tags(&json!({ "kinds": kinds, "run": report }))),
        _ => None,
    })
}

/// Fills the `{{places}}` of a template: those of uPlot, and those that `fill` knows. Others stay.
pub(crate) fn filled(template: &str, fill: impl Fn(&str) -> Option<String>) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for (place, rest) in parts.filter_map(|part| part.split_once("}}")) {
        page += &match place {
            "uplot.js" => include_str!("vendor/uPlot.iife.min.js").to_owned(),
            "uplot.css" => include_str!("vendor/uPlot.min.css").to_owned(),
            "uplot.licence" => include_str!("vendor/LICENSE").to_owned(),
            other => fill(other).unwrap_or_else(|| format!("{{{{{other}}}}}")),
        };
        page += rest;
    }
    page
}

/// Returns JSON for a page's script. `<` does not appear, so no text can end the element.
pub(crate) fn without_tags(figures: &Value) -> String {
    figures.to_string().replace('<', "\\u003c")
}

/// Escapes text for the content of an element.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
