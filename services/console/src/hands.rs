//! The hand that starts and stops workers, in a task of its own: it may take minutes.

use std::time::Duration;

use sportello_scaling::{Hand, Observed};
use tokio::sync::watch;

/// Interval between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Gives orders to the hand, one after the other, the newest alone. The task ends with it.
pub(crate) struct Hands {
    orders: watch::Sender<Option<u16>>,
    seen: watch::Receiver<Seen>,
}

/// What the hand sees, and the last order that it has carried out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) observed: Observed,
    pub(crate) done: Option<u16>,
}

impl Hands {
    /// Starts the task on the current runtime.
    pub(crate) fn start(hand: Box<dyn Hand>) -> Self {
        let (orders, ordered) = watch::channel(None);
        let (shown, seen) = watch::channel(Seen::default());
        tokio::spawn(work(hand, ordered, shown));
        Self { orders, seen }
    }

    /// Returns what the hand saw last.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Orders so many workers; `None` while another console gives the orders.
    pub(crate) fn order(&self, workers: Option<u16>) {
        self.orders.send_if_modified(|order| {
            let is_new = *order != workers;
            *order = workers;
            is_new
        });
    }
}

async fn work(hand: Box<dyn Hand>, mut orders: watch::Receiver<Option<u16>>, shown: watch::Sender<Seen>) {
    let mut seen = Seen::default();
    loop {
        seen.observed = match hand.observe().await {
            Ok(observed) => observed,
            Err(error) => {
                tracing::debug!(%error, "the workers can't be seen");
                Observed::default()
            }
        };
        let order = *orders.borrow_and_update();
        if let Some(workers) = order.filter(|workers| seen.done != Some(*workers)) {
            match hand.scale_to(workers, &seen.observed).await {
                Ok(()) => {
                    tracing::info!(workers, "workers are ordered");
                    seen.done = Some(workers);
                }
                Err(error) => tracing::warn!(%error, workers, "workers can't be ordered"),
            }
        }
        if order.is_none() {
            seen.done = None;
        }
        shown.send_replace(seen.clone());
        match tokio::time::timeout(LOOK_EVERY, orders.changed()).await {
            Ok(Ok(())) | Err(_) => {}
            // the console stops
            Ok(Err(_)) => return,
        }
    }
}
