//! A client that wants its application accepted: it sends it again, with the same key, until it is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::applications::{Applications, Prepared};
use crate::client::{Answer, Intake};
use crate::ledger::{Attempt, Ledger};

/// Most requests on their way at once; the time that others wait for a place counts as theirs.
const OPEN_REQUESTS: usize = 8_000;
/// The pause where the answer did not say when to come back.
const PAUSE: Duration = Duration::from_secs(1);
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
            due = Instant::now() + pause(&answer);
            if due > first_due + PATIENCE {
                break;
            }
            tokio::time::sleep_until(due.into()).await;
        }
        self.ledger.given_up(number);
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

/// One to three times as long as the answer asks for, so that not all come back at once.
fn pause(answer: &Answer) -> Duration {
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
    asked.mul_f64(1.0 + 2.0 * rand::random::<f64>())
}
