//! A client that wants its application accepted: it sends it again, with the same key, until it is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};
use tokio::time::sleep_until;

use crate::applications::{Applications, Prepared};
use crate::client::{Answer, Intake};
use crate::ledger::{Attempt, Ledger};

/// Most requests on their way at once; the time that others wait for a place counts as theirs.
const OPEN_REQUESTS: usize = 8_000;
/// The pause where the answer did not say when to come back.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the last may take that are sent once more, when nobody else arrives.
const ONCE_MORE_WITHIN: Duration = Duration::from_millis(200);
/// How long one application is sent again and again.
const PATIENCE: Duration = Duration::from_secs(90);
/// Every so many accepted applications one is sent once more: the answer must be the same.
const SENT_ONCE_MORE: u64 = 20;

/// Sends applications and writes the ledger.
pub struct Senders {
    applications: Applications,
    intake: Intake,
    ledger: Ledger,
    places: Semaphore,
    begun: Instant,
    closed: watch::Sender<bool>,
}

impl Senders {
    /// Sends these applications to this intake.
    #[must_use]
    pub fn new(applications: Applications, intake: Intake, ledger: Ledger) -> Arc<Self> {
        let places = Semaphore::new(OPEN_REQUESTS);
        Arc::new(Self {
            applications,
            intake,
            ledger,
            places,
            begun: Instant::now(),
            closed: watch::Sender::new(false),
        })
    }

    /// What is sent.
    #[must_use]
    pub fn applications(&self) -> &Applications {
        &self.applications
    }

    /// What was sent and answered.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Nobody else arrives: what is to be sent once more is so at once.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Whether nobody else arrives.
    #[must_use]
    pub fn are_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Sends the application until it is accepted or refused for good, or patience ends.
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
            if due > first_due + PATIENCE {
                break;
            }
            sleep_until(due.into()).await;
        }
        self.ledger.given_up(number);
    }

    /// When the application is sent once more: known when that is so, or nobody else arrives.
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
        let _place = self.places.acquire().await;
        self.ledger.sent(attempt, due, &application.key);
        let answer = self.intake.submit(application).await;
        self.ledger.answered(attempt, due, answer.clone());
        answer
    }
}

/// Whether the application is sent again after this answer.
fn wants_another(number: u64, answer: &Answer) -> bool {
    match answer {
        Answer::Accepted { .. } => number.is_multiple_of(SENT_ONCE_MORE),
        Answer::Wrong { .. } => false,
        Answer::Unavailable { .. } | Answer::NoConnection | Answer::Broken | Answer::TimedOut => true,
    }
}

/// As long as the answer asks for and up to twice that more, so that not all come back at once: no faster than they
/// arrived since the load began.
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
