//! A persistent client: sends its application again, with the same key, until it is accepted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};
use tokio::time::sleep_until;

use crate::http::client::Intake;
use crate::people::applications::{Applications, Prepared};
use crate::proof::answer::Answer;
use crate::proof::ledger::{Attempt, Ledger};

/// Most requests in flight at once; waiting for a place counts as latency.
const OPEN_REQUESTS: usize = 8_000;
/// Pause if the answer gives no time for a retry.
const PAUSE: Duration = Duration::from_secs(1);
/// Deadline for the last repeats, after arrivals have stopped.
const ONCE_MORE_WITHIN: Duration = Duration::from_millis(200);
/// Deadline for one application, over all its attempts.
const DEADLINE: Duration = Duration::from_secs(90);
/// Accepted applications for each one that is sent once more; its answer must be the same.
const SENT_ONCE_MORE: u64 = 20;

/// Sends applications and writes the ledger.
pub struct Senders {
    applications: Applications,
    intake: Intake,
    ledger: Ledger,
    slots: Semaphore,
    begun: Instant,
    closed: watch::Sender<bool>,
}

impl Senders {
    /// Makes senders of these applications to this intake.
    #[must_use]
    pub fn new(applications: Applications, intake: Intake, ledger: Ledger) -> Arc<Self> {
        let slots = Semaphore::new(OPEN_REQUESTS);
        Arc::new(Self {
            applications,
            intake,
            ledger,
            slots,
            begun: Instant::now(),
            closed: watch::Sender::new(false),
        })
    }

    /// Returns the applications.
    #[must_use]
    pub fn applications(&self) -> &Applications {
        &self.applications
    }

    /// Returns the ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Ends arrivals: repeats are sent at once.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Returns whether arrivals have ended.
    #[must_use]
    pub fn are_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Sends the application until it is accepted or finally refused, or the deadline passes.
    pub async fn insist(&self, application: &Prepared, first_due: Instant) {
        let number = application.number;
        let mut due = first_due;
        let mut accepted = false;
        for attempt in 1.. {
            let attempt = Attempt {
                application: number,
                attempt,
            };
            let answer = self.attempt(attempt, due, application).await;
            if accepted || !wants_another(number, &answer) {
                return;
            }
            accepted = matches!(answer, Answer::Accepted { .. });
            due = if accepted {
                self.once_more().await
            } else {
                Instant::now() + pause(&answer, self.begun.elapsed())
            };
            if due > first_due + DEADLINE {
                break;
            }
            sleep_until(due.into()).await;
        }
        self.ledger.given_up(number);
    }

    /// Waits for the time of the repeat, or for the end of arrivals.
    async fn once_more(&self) -> Instant {
        let due = Instant::now() + PAUSE.mul_f64(1.0 + 2.0 * rand::random::<f64>());
        let mut closed = self.closed.subscribe();
        tokio::select! {
            () = sleep_until(due.into()) => due,
            _ = closed.wait_for(|closed| *closed) => {
                due.min(Instant::now() + ONCE_MORE_WITHIN.mul_f64(rand::random()))
            }
        }
    }

    async fn attempt(&self, attempt: Attempt, due: Instant, application: &Prepared) -> Answer {
        // never closed
        let _slot = self.slots.acquire().await;
        self.ledger.sent(attempt, due, &application.key);
        let answer = self.intake.submit(application).await;
        self.ledger.answered(attempt, due, answer.clone());
        answer
    }
}

/// Returns whether to send the application again after this answer.
fn wants_another(number: u64, answer: &Answer) -> bool {
    match answer {
        Answer::Accepted { .. } => number.is_multiple_of(SENT_ONCE_MORE),
        Answer::Wrong { .. } => false,
        Answer::Unavailable { .. } | Answer::NoConnection | Answer::Broken | Answer::TimedOut => true,
    }
}

/// Returns the backoff: the answer's time plus up to twice as much, so that retries spread out, no
/// faster than they arrived since the load began.
fn pause(answer: &Answer, load: Duration) -> Duration {
    let asked = match answer {
        Answer::Unavailable {
            retry_after: Some(seconds),
            ..
        } => Duration::from_secs(*seconds),
        Answer::Unavailable {
            retry_after: None, ..
        }
        | Answer::Accepted { .. }
        | Answer::Wrong { .. }
        | Answer::NoConnection
        | Answer::Broken
        | Answer::TimedOut => PAUSE,
    };
    asked + load.min(2 * asked).mul_f64(rand::random())
}
