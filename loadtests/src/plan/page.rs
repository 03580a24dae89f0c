//! The plan as one self-contained HTML page, with its curves.

use serde_json::json;

use super::sizing::Plan;
use super::text::{rows, title};
use crate::page::{escaped, filled, without_tags};

const TEMPLATE: &str = include_str!("page.html");

/// Returns the page.
pub(super) fn html(plan: &Plan) -> String {
    let figures = json!({
        "rows": rows(plan),
        "assumptions": plan.assumptions,
        "warnings": plan.warnings,
        "points": plan.points,
        "deadline": plan.drain.deadline_s,
        "limit": super::assumptions::MOST_MESSAGES,
    });
    filled(TEMPLATE, |place| match place {
        "title" => Some(escaped(&title(plan))),
        "plan" => Some(without_tags(&figures)),
        _ => None,
    })
}
