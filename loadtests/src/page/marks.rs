//! Events as marks in every plot.

use super::bins::Bins;
use crate::scenario::run_report::Event;

/// Marks closer than this share of the width have one label.
const NEAR: f64 = 0.035;

/// One event, or several whose labels would overlap.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Place of the label: 0 at the run's beginning, 1 at its end.
    pub share: f64,
    /// Place of each event.
    pub all: Vec<f64>,
    /// The number of the event in the list, or of the first and the last.
    pub label: String,
}

/// Returns the marks of these events, numbered from one in their order.
#[must_use]
pub fn marks(events: &[Event], bins: &Bins) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut first = 1;
    for (index, event) in events.iter().enumerate() {
        let number = index + 1;
        let share = (event.at_s / bins.length_s()).clamp(0.0, 1.0);
        match marks.last_mut() {
            Some(near) if share - near.share < NEAR => {
                near.all.push(share);
                near.label = format!("{first}–{number}");
            }
            _ => {
                first = number;
                marks.push(Mark {
                    share,
                    all: vec![share],
                    label: number.to_string(),
                });
            }
        }
    }
    marks
}

/// Returns the events in the order of time.
#[must_use]
pub fn in_order(events: &[Event]) -> Vec<Event> {
    let mut events = events.to_vec();
    events.sort_by(|one, other| one.at_s.total_cmp(&other.at_s));
    events
}
