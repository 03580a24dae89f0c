//! Applications that wait for their message.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::{Notify, mpsc};

use super::capacity::Place;
use super::thread_replies::Waiting;
use crate::envelope::Submission;

/// An application and its waiting sender.
pub(super) struct Job {
    pub(super) submission: Submission,
    pub(super) place: Place,
    pub(super) waiting: Waiting,
    pub(super) expires: Instant,
}

impl Job {
    /// Gives the place back; the sender still waits for an answer.
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

/// Counts waiting arrivals and wakes the owner once they are enough: it sleeps while they gather.
struct Gathering {
    waiting: AtomicUsize,
    enough: usize,
    there_are_enough: Notify,
}

impl Gathering {
    fn took_one(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The callers' end of the queue of arrivals.
pub(super) struct Arrivals {
    jobs: mpsc::UnboundedSender<Job>,
    gathering: Arc<Gathering>,
}

impl Arrivals {
    /// Adds an arrival. Returns whether the owner will see it.
    pub(super) fn push(&self, job: Job) -> bool {
        let Gathering {
            waiting,
            enough,
            there_are_enough,
        } = &*self.gathering;
        // before the owner can take it
        let others = waiting.fetch_add(1, Ordering::Relaxed);
        let sent = self.jobs.send(job).is_ok();
        if others + 1 == *enough {
            there_are_enough.notify_one();
        }
        sent
    }
}

/// The owner's end of the queue.
pub(super) struct Inbox {
    arrivals: mpsc::UnboundedReceiver<Job>,
    gathering: Arc<Gathering>,
    /// Arrived before all others: they were too large for the message that was being filled, or
    /// their message was left without a confirm.
    held: VecDeque<Job>,
}

impl Inbox {
    /// Makes both ends. `enough` is the number for [`Inbox::enough`].
    pub(super) fn new(enough: usize) -> (Arrivals, Self) {
        let (jobs, arrivals) = mpsc::unbounded_channel();
        let gathering = Arc::new(Gathering {
            waiting: AtomicUsize::new(0),
            enough,
            there_are_enough: Notify::new(),
        });
        let inbox = Self {
            arrivals,
            gathering: Arc::clone(&gathering),
            held: VecDeque::new(),
        };
        (Arrivals { jobs, gathering }, inbox)
    }

    /// Returns the next arrival, not before `rested` unless enough are there or no more can come.
    /// `None` as in [`Inbox::next`]. Cancel-safe.
    pub(super) async fn next_after(&mut self, rested: Instant) -> Option<Job> {
        if rested > Instant::now() && !self.arrivals.is_closed() {
            tokio::select! {
                () = tokio::time::sleep_until(rested.into()) => {}
                () = self.enough() => {}
            }
        }
        self.next().await
    }

    /// Waits until enough arrivals are there for a message at once.
    async fn enough(&self) {
        while self.gathering.waiting.load(Ordering::Relaxed) < self.gathering.enough {
            self.gathering.there_are_enough.notified().await;
        }
    }

    /// Returns the next arrival; `None` once all are taken and no more can come. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Job> {
        match self.held.pop_front() {
            Some(job) => Some(job),
            None => self.arrivals.recv().await.inspect(|_| self.gathering.took_one()),
        }
    }

    /// Returns an arrival that is there already.
    fn take(&mut self) -> Option<Job> {
        let arrived = || {
            self.arrivals
                .try_recv()
                .ok()
                .inspect(|_| self.gathering.took_one())
        };
        self.held.pop_front().or_else(arrived)
    }

    /// Takes back arrivals whose message was left without a confirm: they go before all others.
    pub(super) fn put_back(&mut self, jobs: Vec<Job>) {
        for job in jobs.into_iter().rev() {
            self.held.push_front(job);
        }
    }

    /// Returns the arrivals that fit into one message with `first`.
    pub(super) fn gather(&mut self, first: Job, limits: Limits) -> Vec<Job> {
        let mut bytes = first.submission.len();
        let mut jobs = vec![first];
        while jobs.len() < limits.applications {
            let Some(job) = self.take() else { break };
            bytes += job.submission.len();
            if bytes > limits.bytes {
                self.held.push_front(job);
                break;
            }
            jobs.push(job);
        }
        jobs
    }

    /// Accepts no more arrivals; those that are there can still be taken.
    pub(super) fn close(&mut self) {
        self.arrivals.close();
    }

    /// Takes everything that has arrived.
    pub(super) fn take_all(&mut self) -> Vec<Job> {
        std::iter::from_fn(|| self.take()).collect()
    }
}
