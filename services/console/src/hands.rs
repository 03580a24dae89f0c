//! The hand that starts and stops workers, in a task of its own: it may take minutes.

use std::time::Duration;

use jiff::Timestamp;
use sportello_scaling::{Hand, HandError, Observed};
use tokio::sync::watch;

use crate::views::workers::{HandNow, OrderNow};

/// Interval between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Characters of an error that are shown.
const SHOWN: usize = 1000;

/// Gives orders to the hand, one after the other, the newest alone. The task ends with it.
pub(crate) struct Hands {
    orders: watch::Sender<Option<Order>>,
    seen: watch::Receiver<Seen>,
}

/// So many workers, upon a look of the hand: an order upon an older look is not carried out, since
/// somebody else may have changed the number in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) workers: u16,
    pub(crate) upon: u64,
}

/// What the hand sees and does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Number of the look.
    pub(crate) look: u64,
    /// What it saw; `None` where the hand can't look.
    pub(crate) observed: Option<Observed>,
    /// The last order that it carried out.
    pub(crate) done: Option<Order>,
    /// What it does, and its last error.
    pub(crate) now: HandNow,
}

impl Seen {
    /// Whether the hand can tell how many workers there are: otherwise it gets no orders.
    pub(crate) fn sees_workers(&self) -> bool {
        let observed = self.observed.as_ref();
        observed.is_some_and(|observed| observed.asked.or(observed.running).is_some())
    }
}

impl Hands {
    /// Starts the task on the current runtime.
    pub(crate) fn start(hand: Box<dyn Hand>) -> Self {
        Self::paced(hand, LOOK_EVERY)
    }

    fn paced(hand: Box<dyn Hand>, pace: Duration) -> Self {
        let (orders, ordered) = watch::channel(None);
        let (shown, seen) = watch::channel(Seen::default());
        let work = Work {
            hand,
            pace,
            seen: shown,
            failed: Failed::default(),
        };
        tokio::spawn(work.run(ordered));
        Self { orders, seen }
    }

    /// Returns what the hand saw last, and what it does.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Orders so many workers; `None` where nothing is to be changed, and while another console
    /// gives the orders.
    pub(crate) fn order(&self, order: Option<Order>) {
        self.orders.send_if_modified(|before| {
            let is_new = *before != order;
            *before = order;
            is_new
        });
    }
}

/// The task: looks and carries out, one call at a time.
struct Work {
    hand: Box<dyn Hand>,
    /// Interval between two looks.
    pace: Duration,
    seen: watch::Sender<Seen>,
    failed: Failed,
}

/// The errors that are shown until what failed goes well.
#[derive(Default)]
struct Failed {
    look: Option<HandError>,
    order: Option<HandError>,
}

impl Work {
    async fn run(mut self, mut orders: watch::Receiver<Option<Order>>) {
        loop {
            let look = self.look().await;
            let ordered = orders.wait_for(|order| order.is_some_and(|order| order.upon == look));
            let order = match tokio::time::timeout(self.pace, ordered).await {
                Ok(Ok(order)) => *order,
                // the console stops
                Ok(Err(_)) => return,
                Err(_) => None,
            };
            let Some(order) = order else {
                self.failed.order = None;
                continue;
            };
            self.carry_out(order).await;
            self.look().await;
            // before it is tried again
            tokio::time::sleep(self.pace).await;
        }
    }

    /// Looks once. Returns the number of the look.
    async fn look(&mut self) -> u64 {
        let looked = self.hand.observe().await;
        let (observed, error) = match looked {
            Ok(observed) => (Some(observed), None),
            Err(error) => (None, Some(error)),
        };
        replace(&mut self.failed.look, error);
        let error = self.failed.shown();
        self.seen.send_modify(|seen| {
            seen.look += 1;
            seen.observed = observed;
            seen.now.error = error;
        });
        self.seen.borrow().look
    }

    async fn carry_out(&mut self, order: Order) {
        let Seen { observed, done, .. } = self.seen.borrow().clone();
        let Some(observed) = observed else {
            return;
        };
        let workers = order.workers;
        if done.is_none_or(|done| done.workers != workers) {
            tracing::info!(workers, "workers are ordered");
        }
        let since = Timestamp::now();
        self.seen
            .send_modify(|seen| seen.now.order = Some(OrderNow { workers, since }));
        let error = self.hand.scale_to(workers, &observed).await.err();
        let is_done = error.is_none();
        replace(&mut self.failed.order, error);
        let error = self.failed.shown();
        self.seen.send_modify(|seen| {
            seen.now = HandNow { order: None, error };
            if is_done {
                seen.done = Some(order);
            }
        });
    }
}

impl Failed {
    fn shown(&self) -> Option<String> {
        let error = self.look.as_ref().or(self.order.as_ref())?;
        Some(error.to_string().chars().take(SHOWN).collect())
    }
}

/// Replaces an error; the log has each once.
fn replace(before: &mut Option<HandError>, error: Option<HandError>) {
    if let Some(error) = error.as_ref().filter(|error| before.as_ref() != Some(*error)) {
        tracing::warn!(%error, "workers can't be seen or changed");
    }
    *before = error;
}

#[cfg(test)]
mod tests;
