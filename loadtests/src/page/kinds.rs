//! How answers are named, coloured and ordered.

use super::plot::Shape;
use crate::run_report::AnswerKind;

/// From the bottom of the stack up: what is well, what is meant, what is sent away, what must not be.
pub(crate) const KINDS: [AnswerKind; 8] = [
    AnswerKind::Accepted,
    AnswerKind::AcceptedAgain,
    AnswerKind::Refused,
    AnswerKind::TooMany,
    AnswerKind::Unavailable,
    AnswerKind::Broken,
    AnswerKind::TimedOut,
    AnswerKind::Wrong,
];

/// What a reader calls it.
pub(crate) fn name(kind: AnswerKind) -> &'static str {
    match kind {
        AnswerKind::Accepted => "accepted (202)",
        AnswerKind::AcceptedAgain => "accepted again (202)",
        AnswerKind::Refused => "refused on purpose (4xx)",
        AnswerKind::TooMany => "too many (429)",
        AnswerKind::Unavailable => "unavailable (503)",
        AnswerKind::Broken => "connection broken",
        AnswerKind::TimedOut => "no answer in time",
        AnswerKind::Wrong => "wrong answer",
    }
}

pub(crate) fn look(kind: AnswerKind) -> (&'static str, Shape) {
    match kind {
        AnswerKind::Accepted => ("blue", Shape::Stacked),
        AnswerKind::AcceptedAgain => ("sky", Shape::Stacked),
        AnswerKind::Refused => ("grey", Shape::Stacked),
        AnswerKind::TooMany => ("ochre", Shape::Alarming),
        AnswerKind::Unavailable => ("orange", Shape::Alarming),
        AnswerKind::Broken => ("red", Shape::Alarming),
        AnswerKind::TimedOut => ("purple", Shape::Alarming),
        AnswerKind::Wrong => ("ink", Shape::Alarming),
    }
}

/// The colour of a process: the same in every plot.
pub(crate) fn process_colour(name: &str) -> &'static str {
    match name.split('-').next().unwrap_or(name) {
        "intake" => "blue",
        "rabbitmq" => "orange",
        "worker" => "green",
        "postgres" => "purple",
        "status" => "sky",
        "loadtests" => "grey",
        _ => "ochre",
    }
}
