//! Names and order of answers.

use crate::scenario::run_report::AnswerKind;

/// Good answers, intended refusals, overload, errors.
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
