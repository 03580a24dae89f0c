//! Applications that wait for their message.

use std::time::Instant;

use tokio::sync::mpsc;

use super::desk::Waiting;
use super::room::Place;
use crate::envelope::Submission;

/// One application and who waits for it.
pub(super) struct Job {
    pub(super) submission: Submission,
    pub(super) place: Place,
    pub(super) waiting: Waiting,
    pub(super) expires: Instant,
}

impl Job {
    /// Gives the place back; who is left waits for an answer.
    pub(super) fn leave(self) -> Waiting {
        drop(self.place);
        self.waiting
    }
}

/// Limits of one message.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) applications: usize,
    pub(super) bytes: usize,
}

/// The owner's end of the queue of arrivals.
pub(super) struct Inbox {
    arrivals: mpsc::UnboundedReceiver<Job>,
    /// Arrived, but too large for the message that was being filled.
    held: Option<Job>,
}

impl Inbox {
    pub(super) fn new(arrivals: mpsc::UnboundedReceiver<Job>) -> Self {
        Self { arrivals, held: None }
    }

    /// The next arrival; `None` once all are taken and no more can come. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Job> {
        match self.held.take() {
            Some(job) => Some(job),
            None => self.arrivals.recv().await,
        }
    }

    /// What fits into one message with `first`, of what has arrived already.
    pub(super) fn gather(&mut self, first: Job, limits: Limits) -> Vec<Job> {
        let mut bytes = first.submission.len();
        let mut jobs = vec![first];
        while jobs.len() < limits.applications {
            let Ok(job) = self.arrivals.try_recv() else { break };
            bytes += job.submission.len();
            if bytes > limits.bytes {
                self.held = Some(job);
                break;
            }
            jobs.push(job);
        }
        jobs
    }

    /// From now on nothing more can arrive; what has arrived can still be taken.
    pub(super) fn close(&mut self) {
        self.arrivals.close();
    }

    /// Everything that has arrived.
    pub(super) fn take_all(&mut self) -> Vec<Job> {
        let mut jobs: Vec<Job> = self.held.take().into_iter().collect();
        jobs.extend(std::iter::from_fn(|| self.arrivals.try_recv().ok()));
        jobs
    }
}
