//! Promises for answers during a fault, checked on each answer.

use std::time::Duration;

use serde::Serialize;

use crate::proof::answer::Answer;
use crate::proof::ledger::Line;

/// Longest wait for an answer while the broker is away.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// The promise for answers during a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// Every answer is `202`.
    Accepted,
    /// Every answer is `202`, or `503` with `Retry-After` within a second.
    AcceptedOrLater,
    /// As [`Promise::AcceptedOrLater`], and all `503` come within a second.
    LaterForASecond,
    /// Connections may break and answers may be missing, but nothing that was accepted is lost.
    MayBreak,
    /// Every request through the load balancer gets `202`.
    NoFailedRequest,
}

impl Promise {
    /// Returns the promise as a text for people.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Accepted => "`202` throughout",
            Self::AcceptedOrLater => "`202`, or `503` with `Retry-After` within a second",
            Self::LaterForASecond => "`202`, or for a second at most `503` with `Retry-After`",
            Self::MayBreak => "connections may break; nothing is lost",
            Self::NoFailedRequest => "no failed request",
        }
    }

    /// Returns whether this answer, due during the fault, keeps the promise.
    fn allows(self, answered: &Answered<'_>, within: Duration) -> bool {
        let accepted = matches!(answered.answer, Answer::Accepted { .. });
        match self {
            Self::Accepted | Self::NoFailedRequest => accepted,
            Self::AcceptedOrLater | Self::LaterForASecond => {
                (accepted || is_come_back_later(answered.answer)) && answered.latency <= within
            }
            Self::MayBreak => true,
        }
    }
}

/// The times of a fault, in the ledger's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// Just before the fault begins.
    pub begun: Duration,
    /// The fault has surely begun.
    pub broken: Duration,
    /// Just before the fault ends.
    pub ending: Duration,
    /// All parts are ready again.
    pub back: Duration,
}

/// An attempt with its answer, from the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// Intended start.
    pub due: Duration,
    /// From the intended start to the end of the answer.
    pub latency: Duration,
    /// The answer.
    pub answer: &'a Answer,
}

impl<'a> Answered<'a> {
    /// Returns the answer in this line and the number of its application, or nothing for other
    /// lines.
    #[must_use]
    pub fn of(line: &'a Line) -> Option<(u64, Self)> {
        let Line::Answered {
            attempt,
            due_us,
            latency_us,
            answer,
            ..
        } = line
        else {
            return None;
        };
        let (due, latency) = (Duration::from_micros(*due_us), Duration::from_micros(*latency_us));
        Some((attempt.application, Self { due, latency, answer }))
    }
}

/// Returns each broken promise as a sentence with the number of cases. `within` is the time for an
/// answer while the broker is away: [`ANSWER_WITHIN`], or more if the load generator itself is
/// delayed.
#[must_use]
pub fn broken(promise: Promise, within: Duration, outage: Outage, answers: &[Answered<'_>]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut all = |text: &str, is_broken: &dyn Fn(&Answered<'_>) -> bool| {
        let mut cases = answers.iter().filter(|answered| is_broken(answered)).peekable();
        if let Some(first) = cases.peek().copied().copied() {
            broken.push(format!(
                "{text}: {} of {} answers differ, the first was due at {:.3} s, took {:.3} s and was {:?}",
                cases.count(),
                answers.len(),
                first.due.as_secs_f64(),
                first.latency.as_secs_f64(),
                first.answer
            ));
        }
    };
    all("a valid application is never refused for good", &|answered| {
        matches!(answered.answer, Answer::Wrong { .. })
    });
    // a request delayed by the load generator itself includes that delay
    let lasted = outage.broken..=outage.ending;
    // starting the broker takes all cores until it is back
    let is_away = |answered: &Answered<'_>| lasted.contains(&answered.due);
    let refused = |answered: &&Answered<'_>| is_away(answered) && is_come_back_later(answered.answer);
    let first = answers.iter().filter(refused).map(|answered| answered.due).min();
    let is_late = |answered: &Answered<'_>| {
        first.is_some_and(|first| refused(&answered) && answered.due > first + within)
    };
    all(promise.text(), &|answered| match promise {
        Promise::AcceptedOrLater => is_away(answered) && !promise.allows(answered, within),
        Promise::LaterForASecond => {
            is_away(answered) && !promise.allows(answered, within) || is_late(answered)
        }
        Promise::Accepted | Promise::NoFailedRequest | Promise::MayBreak => !promise.allows(answered, within),
    });
    if promise != Promise::MayBreak {
        all("no connection breaks and no answer hangs", &|answered| {
            matches!(
                answered.answer,
                Answer::TimedOut | Answer::Broken | Answer::NoConnection
            )
        });
        all("`503` comes with `Retry-After`", &|answered| {
            matches!(answered.answer, Answer::Unavailable { .. }) && !is_come_back_later(answered.answer)
        });
    }
    broken
}

fn is_come_back_later(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::Unavailable {
            status: 503,
            retry_after: Some(_)
        }
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    const ACCEPTED: Answer = Answer::Accepted {
        id: Uuid::nil(),
        received_at: Timestamp::UNIX_EPOCH,
    };
    const LATER: Answer = Answer::Unavailable {
        status: 503,
        retry_after: Some(2),
    };

    /// Returns whether one answer keeps the promise: due and taking this many milliseconds, in an
    /// outage from 1 s to 3 s.
    fn keeps(promise: Promise, due: u64, latency: u64, answer: &Answer) -> bool {
        let ms = Duration::from_millis;
        let outage = Outage {
            begun: ms(990),
            broken: ms(1_000),
            ending: ms(3_000),
            back: ms(5_000),
        };
        let answered = Answered {
            due: ms(due),
            latency: ms(latency),
            answer,
        };
        broken(promise, ANSWER_WITHIN, outage, &[answered]).is_empty()
    }

    #[test]
    fn a_refusal_for_good_always_breaks_the_promise() {
        for promise in [
            Promise::Accepted,
            Promise::AcceptedOrLater,
            Promise::MayBreak,
            Promise::NoFailedRequest,
        ] {
            assert!(!keeps(promise, 0, 5, &Answer::Wrong { status: 500 }));
            assert!(keeps(promise, 0, 5, &ACCEPTED));
        }
    }

    #[test]
    fn where_202_is_promised_nothing_else_will_do() {
        for promise in [Promise::Accepted, Promise::NoFailedRequest] {
            for due in [500, 2_000, 6_000] {
                assert!(!keeps(promise, due, 5, &LATER));
                assert!(!keeps(promise, due, 5, &Answer::Broken));
                assert!(!keeps(promise, due, 5_000, &Answer::TimedOut));
            }
        }
    }

    #[test]
    fn where_503_is_promised_it_is_quick_and_says_when_to_come_back() {
        let promise = Promise::AcceptedOrLater;
        assert!(keeps(promise, 2_000, 5, &LATER));
        assert!(keeps(promise, 2_000, 5, &ACCEPTED));
        assert!(!keeps(promise, 2_000, 1_500, &LATER));
        assert!(!keeps(promise, 0, 5, &Answer::Broken));
        assert!(!keeps(promise, 0, 5_000, &Answer::TimedOut));
        let without = Answer::Unavailable {
            status: 503,
            retry_after: None,
        };
        assert!(!keeps(promise, 0, 5, &without));
    }

    #[test]
    fn where_503_is_promised_for_a_second_it_does_not_come_later() {
        let ms = Duration::from_millis;
        let outage = Outage {
            begun: ms(990),
            broken: ms(1_000),
            ending: ms(3_000),
            back: ms(5_000),
        };
        let refused = |due| Answered {
            due: ms(due),
            latency: ms(5),
            answer: &LATER,
        };
        let keeps = |promise, second| {
            let answers = [refused(1_100), refused(second)];
            broken(promise, ANSWER_WITHIN, outage, &answers).is_empty()
        };
        assert!(keeps(Promise::LaterForASecond, 2_000));
        assert!(!keeps(Promise::LaterForASecond, 2_200));
        assert!(keeps(Promise::AcceptedOrLater, 2_200));
    }

    #[test]
    fn where_connections_may_break_only_the_ledger_counts() {
        for answer in [LATER, Answer::Broken, Answer::NoConnection, Answer::TimedOut] {
            assert!(keeps(Promise::MayBreak, 2_000, 4_000, &answer));
        }
    }
}
