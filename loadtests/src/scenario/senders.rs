//! The threads that send the load.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_local;
use tokio::time::{interval, sleep_until};
use tokio_util::task::TaskTracker;

use super::arrivals::Arrivals;
use super::connection::{Connections, Received};
use super::record::Record;
use super::requests::{Request, Requests};
use crate::http::aside::{aside, never_interrupt};
use crate::people::applications::Applications;
use crate::people::mix::Kind;
use crate::proof::answer::Answer;
use crate::proof::ledger::{Attempt, Ledger, Page};
use crate::scenario::run_report::AnswerKind;

/// Interval in which the ledger's page goes to the disk.
const HANDED_OVER_EVERY: Duration = Duration::from_millis(10);
/// Pause if the answer gives no time for a retry.
const PAUSE: Duration = Duration::from_secs(1);

/// State that all threads share.
pub struct Shared {
    /// The applications.
    pub applications: Arc<Applications>,
    /// Intake's address.
    pub intake: SocketAddr,
    /// The ledger.
    pub ledger: Arc<Ledger>,
    /// The figures.
    pub record: Arc<Record>,
    /// Most scheduled requests in flight at once.
    pub connections: u16,
    /// Deadline of an application over all attempts.
    pub deadline: Duration,
    /// Whether the sending threads never interrupt others.
    pub never_interrupt: bool,
}

/// The pace of a thread.
#[derive(Clone)]
pub enum Pace {
    /// Each when due: of all indexes, counted from 0, every `of`th from the `thread`th on.
    Scheduled {
        /// The schedule.
        arrivals: Arc<Arrivals>,
        /// Index of the thread.
        thread: usize,
        /// Number of threads.
        of: usize,
    },
    /// A constant number in flight, until an instant or the last request.
    Saturating {
        /// Requests in flight.
        in_flight: usize,
        /// End of new requests.
        until: Option<Instant>,
    },
}

/// Sends these requests from its own thread, from this instant on, and returns when all are
/// answered.
///
/// # Errors
/// A request can't be read from its file.
pub async fn send(shared: Arc<Shared>, requests: Requests, pace: Pace, start: Instant) -> anyhow::Result<()> {
    aside(move || async move {
        if shared.never_interrupt {
            never_interrupt()?;
        }
        let sender = Rc::new(Sender {
            connections: Connections::to(shared.intake),
            page: RefCell::new(shared.ledger.page()),
            slots: Arc::new(Semaphore::new(match pace {
                Pace::Scheduled { of, .. } => usize::from(shared.connections).div_ceil(of),
                Pace::Saturating { in_flight, .. } => in_flight,
            })),
            ended: Cell::new(0),
            shared,
        });
        sender.send_all(requests, pace, start).await
    })
    .await
}

struct Sender {
    shared: Arc<Shared>,
    connections: Connections,
    page: RefCell<Page>,
    slots: Arc<Semaphore>,
    /// Number of finished requests.
    ended: Cell<usize>,
}

impl Sender {
    async fn send_all(self: &Rc<Self>, requests: Requests, pace: Pace, start: Instant) -> anyhow::Result<()> {
        let pages = spawn_local(Rc::clone(self).hand_over());
        // not a `JoinSet`, which wakes at each task's wake-up
        let (running, mut begun) = (TaskTracker::new(), 0);
        for (index, request) in requests.enumerate() {
            let request = request?;
            let Some((due, slot)) = self.turn(&pace, start, index).await? else {
                break;
            };
            running.spawn_local(Rc::clone(self).insist(request, due, slot));
            begun += 1;
        }
        running.close();
        running.wait().await;
        ensure!(self.ended.get() == begun, "a request was not sent to its end");
        pages.abort();
        self.page.borrow_mut().hand_over();
        Ok(())
    }

    /// Waits for the turn of the request with this index; returns nothing if no more begin.
    async fn turn(
        &self,
        pace: &Pace,
        start: Instant,
        index: usize,
    ) -> anyhow::Result<Option<(Instant, OwnedSemaphorePermit)>> {
        let slot = || Arc::clone(&self.slots).acquire_owned();
        Ok(match pace {
            Pace::Scheduled { arrivals, thread, of } => {
                let due = start + arrivals.due(u64::try_from(index * of + thread)?);
                if due > Instant::now() {
                    sleep_until(due.into()).await;
                }
                Some((due, slot().await?))
            }
            Pace::Saturating { until, .. } => {
                if start > Instant::now() {
                    sleep_until(start.into()).await;
                }
                let slot = slot().await?;
                let now = Instant::now();
                until.is_none_or(|until| now < until).then_some((now, slot))
            }
        })
    }

    async fn hand_over(self: Rc<Self>) {
        let mut ticks = interval(HANDED_OVER_EVERY);
        loop {
            ticks.tick().await;
            self.page.borrow_mut().hand_over();
        }
    }

    async fn insist(self: Rc<Self>, request: Request, due: Instant, slot: OwnedSemaphorePermit) {
        self.send_until_done(&request, due, slot).await;
        self.ended.set(self.ended.get() + 1);
    }

    /// Sends it until it is accepted or finally refused, or the deadline passes; sends some once
    /// more after that.
    async fn send_until_done(&self, request: &Request, first_due: Instant, slot: OwnedSemaphorePermit) {
        let number = request.number;
        let key = self.shared.applications.key(number);
        let (mut due, mut slot, mut accepted) = (first_due, Some(slot), false);
        for attempt in 1.. {
            let attempt = Attempt {
                application: number,
                attempt,
            };
            let held = match slot.take() {
                Some(held) => held,
                None => match Arc::clone(&self.slots).acquire_owned().await {
                    Ok(held) => held,
                    // never closed
                    Err(_) => return,
                },
            };
            let answer = self.attempt(attempt, due, &key, request, accepted).await;
            drop(held);
            if accepted || !self.wants_another(number, &answer) {
                return;
            }
            accepted = matches!(answer, Answer::Accepted { .. });
            due = Instant::now() + pause(&answer);
            if due > first_due + self.shared.deadline && !accepted {
                break;
            }
            sleep_until(due.into()).await;
        }
        self.page.borrow_mut().given_up(number);
    }

    async fn attempt(
        &self,
        attempt: Attempt,
        due: Instant,
        key: &str,
        request: &Request,
        accepted: bool,
    ) -> Answer {
        self.page.borrow_mut().sent(attempt, due, key);
        let Received { answer, receipt } = self.connections.exchange(&request.bytes).await;
        let is_valid = !matches!(self.shared.applications.kind(request.number), Kind::Invalid(_));
        self.shared.record.ended(due, kind(&answer, is_valid, accepted));
        self.page
            .borrow_mut()
            .answered(attempt, due, answer.clone(), receipt);
        answer
    }

    /// Returns whether to send it again after this answer.
    fn wants_another(&self, number: u64, answer: &Answer) -> bool {
        match answer {
            Answer::Accepted { .. } => self.shared.applications.mix().is_repeated(number),
            Answer::Wrong { .. } => false,
            Answer::Unavailable { .. } | Answer::NoConnection | Answer::Broken | Answer::TimedOut => {
                !self.shared.deadline.is_zero()
            }
        }
    }
}

/// Returns the kind of answer, for an application that is valid or not, and had a `202` before or
/// not.
fn kind(answer: &Answer, is_valid: bool, accepted_before: bool) -> AnswerKind {
    match answer {
        Answer::Accepted { .. } if !is_valid => AnswerKind::Wrong,
        Answer::Accepted { .. } if accepted_before => AnswerKind::AcceptedAgain,
        Answer::Accepted { .. } => AnswerKind::Accepted,
        Answer::Unavailable { status: 429, .. } => AnswerKind::TooMany,
        Answer::Unavailable {
            retry_after: Some(_), ..
        } => AnswerKind::Unavailable,
        Answer::Wrong { status: 400..=499 } if !is_valid => AnswerKind::Refused,
        Answer::Unavailable { .. } | Answer::Wrong { .. } => AnswerKind::Wrong,
        Answer::NoConnection | Answer::Broken => AnswerKind::Broken,
        Answer::TimedOut => AnswerKind::TimedOut,
    }
}

/// Returns the backoff: one to two times the answer's, so that retries spread out.
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
    asked.mul_f64(1.0 + rand::random::<f64>())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_answer_counts_by_what_was_asked() {
        let accepted = Answer::Accepted {
            id: Uuid::nil(),
            received_at: Timestamp::UNIX_EPOCH,
        };
        let unavailable = |status, retry_after| Answer::Unavailable { status, retry_after };
        for (answer, is_valid, before, expected) in [
            (accepted.clone(), true, false, AnswerKind::Accepted),
            (accepted.clone(), true, true, AnswerKind::AcceptedAgain),
            (accepted, false, false, AnswerKind::Wrong),
            (Answer::Wrong { status: 422 }, false, false, AnswerKind::Refused),
            (Answer::Wrong { status: 422 }, true, false, AnswerKind::Wrong),
            (Answer::Wrong { status: 500 }, false, false, AnswerKind::Wrong),
            (unavailable(429, None), true, false, AnswerKind::TooMany),
            (unavailable(503, Some(2)), true, false, AnswerKind::Unavailable),
            (unavailable(503, None), true, false, AnswerKind::Wrong),
            (Answer::NoConnection, true, false, AnswerKind::Broken),
            (Answer::TimedOut, true, false, AnswerKind::TimedOut),
        ] {
            assert_eq!(kind(&answer, is_valid, before), expected, "{answer:?}");
        }
    }
}
