//! Applications that wait for their message.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::{Notify, mpsc};

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

/// How many have arrived and wait, told once they are enough: the owner sleeps while they gather.
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
    /// Whether the owner will see it.
    pub(super) fn push(&self, job: Job) -> bool {
        let Gathering {
            waiting,
            enough,
            there_are_enough,
        } = &*self.gathering;
        // before it can be taken
        let others = waiting.fetch_add(1, Ordering::Relaxed);
        let sent = self.jobs.send(job).is_ok();
        if others + 1 == *enough {
            there_are_enough.notify_one();
        }
        sent
    }
}

/// The owner's end.
pub(super) struct Inbox {
    arrivals: mpsc::UnboundedReceiver<Job>,
    gathering: Arc<Gathering>,
    /// Arrived, but too large for the message that was being filled.
    held: Option<Job>,
}

impl Inbox {
    /// Both ends. So many are [`Inbox::enough`].
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
            held: None,
        };
        (Arrivals { jobs, gathering }, inbox)
    }

    /// The next arrival, not before `rested` unless enough are there or no more can come. `None` as [`Inbox::next`]. Cancel-safe.
    pub(super) async fn next_after(&mut self, rested: Instant) -> Option<Job> {
        if rested > Instant::now() && !self.arrivals.is_closed() {
            tokio::select! {
                () = tokio::time::sleep_until(rested.into()) => {}
                () = self.enough() => {}
            }
        }
        self.next().await
    }

    /// Waits until enough are there to be worth a message at once.
    async fn enough(&self) {
        while self.gathering.waiting.load(Ordering::Relaxed) < self.gathering.enough {
            self.gathering.there_are_enough.notified().await;
        }
    }

    /// The next arrival; `None` once all are taken and no more can come. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Job> {
        match self.held.take() {
            Some(job) => Some(job),
            None => self.arrivals.recv().await.inspect(|_| self.gathering.took_one()),
        }
    }

    /// An arrival that is there already, leaving aside what is held.
    fn take(&mut self) -> Option<Job> {
        self.arrivals
            .try_recv()
            .ok()
            .inspect(|_| self.gathering.took_one())
    }

    /// What fits into one message with `first`, of what has arrived already.
    pub(super) fn gather(&mut self, first: Job, limits: Limits) -> Vec<Job> {
        let mut bytes = first.submission.len();
        let mut jobs = vec![first];
        while jobs.len() < limits.applications {
            let Some(job) = self.take() else { break };
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
        jobs.extend(std::iter::from_fn(|| self.take()));
        jobs
    }
}
