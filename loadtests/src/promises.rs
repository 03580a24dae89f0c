//! What the system promises while a part of it is away, checked on each answer.

use std::time::Duration;

use crate::client::Answer;
use crate::faults::{Fault, Outage};
use crate::ledger::Line;

/// How long anybody waits for an answer while the broker is away.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// An attempt with its answer, as the ledger has them.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// When it should have begun.
    pub due: Duration,
    /// From then to the end of the answer.
    pub latency: Duration,
    /// What came.
    pub answer: &'a Answer,
}

impl<'a> Answered<'a> {
    /// The answer in this line and the number of its application; nothing where the line is of another kind.
    #[must_use]
    pub fn of(line: &'a Line) -> Option<(u64, Self)> {
        let Line::Answered {
            attempt,
            due_us,
            latency_us,
            answer,
        } = line
        else {
            return None;
        };
        let (due, latency) = (Duration::from_micros(*due_us), Duration::from_micros(*latency_us));
        Some((attempt.application, Self { due, latency, answer }))
    }
}

/// What was promised and not kept, each in a sentence with the number of cases.
#[must_use]
pub fn broken(fault: Fault, outage: Outage, answers: &[Answered<'_>]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut promise = |text: &str, is_broken: &dyn Fn(&Answered<'_>) -> bool| {
        let cases = answers.iter().filter(|answered| is_broken(answered)).count();
        if cases > 0 {
            broken.push(format!("{text}: {cases} of {} answers differ", answers.len()));
        }
    };
    promise("no answer hangs", &|answered| {
        *answered.answer == Answer::TimedOut
    });
    promise("a valid application is never refused for good", &|answered| {
        matches!(answered.answer, Answer::Wrong { .. })
    });
    match fault {
        Fault::Worker | Fault::Postgres => promise("intake answers 202 throughout", &|answered| {
            !matches!(answered.answer, Answer::Accepted { .. })
        }),
        Fault::Intake => {}
        Fault::RabbitMq => {
            promise("intake keeps its connections", &|answered| {
                matches!(answered.answer, Answer::Broken | Answer::NoConnection)
            });
            promise(
                "without a broker the answer is 503 with Retry-After within a second",
                &|answered| {
                    let away =
                        outage.gone <= answered.due && answered.due + answered.latency <= outage.restarting;
                    let late = outage.gone <= answered.due
                        && answered.due <= outage.restarting
                        && answered.latency > ANSWER_WITHIN;
                    (away && !is_come_back_later(answered.answer)) || late
                },
            );
        }
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

    /// The promises broken by one answer, due and taking so many milliseconds, in an outage from 1 s to 3 s.
    fn broken_by(fault: Fault, due: u64, latency: u64, answer: &Answer) -> Vec<String> {
        let ms = Duration::from_millis;
        let outage = Outage {
            killed: ms(990),
            gone: ms(1_000),
            restarting: ms(3_000),
            back: ms(5_000),
        };
        broken(
            fault,
            outage,
            &[Answered {
                due: ms(due),
                latency: ms(latency),
                answer,
            }],
        )
    }

    #[test]
    fn an_answer_that_hangs_or_refuses_is_never_right() {
        for fault in Fault::ALL {
            assert!(!broken_by(fault, 0, 5_000, &Answer::TimedOut).is_empty());
            assert!(!broken_by(fault, 0, 5, &Answer::Wrong { status: 500 }).is_empty());
            assert!(broken_by(fault, 0, 5, &ACCEPTED).is_empty());
        }
    }

    #[test]
    fn without_database_or_worker_only_202_is_right() {
        for fault in [Fault::Postgres, Fault::Worker] {
            assert!(!broken_by(fault, 2_000, 5, &LATER).is_empty());
            assert!(!broken_by(fault, 2_000, 5, &Answer::Broken).is_empty());
        }
    }

    #[test]
    fn without_a_broker_only_a_quick_503_with_retry_after_is_right() {
        let fault = Fault::RabbitMq;
        assert!(broken_by(fault, 2_000, 5, &LATER).is_empty());
        assert!(!broken_by(fault, 2_000, 5, &ACCEPTED).is_empty());
        assert!(!broken_by(fault, 2_000, 1_500, &LATER).is_empty());
        assert!(!broken_by(fault, 0, 5, &Answer::Broken).is_empty());
        let without = Answer::Unavailable {
            status: 503,
            retry_after: None,
        };
        assert!(!broken_by(fault, 2_000, 5, &without).is_empty());
        // before, and once it comes back
        assert!(broken_by(fault, 500, 5, &ACCEPTED).is_empty());
        assert!(broken_by(fault, 2_900, 500, &ACCEPTED).is_empty());
    }
}
