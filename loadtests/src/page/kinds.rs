//! Names, colours and order of answers.

use super::plot::Shape;
use crate::scenario::run_report::AnswerKind;

/// Kinds from the bottom of the stack up: good answers, intended refusals, overload, errors.
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

/// Returns the name for readers.
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

/// Returns the colour of a process, the same in every plot.
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
