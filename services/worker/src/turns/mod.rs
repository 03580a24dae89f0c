//! Turns at the database: a bulk load never delays citizens, and neither starves.
//!
//! Both channels share a fixed number of transactions at once. While both have work they get turns by weight; one
//! alone gets all of them. So somebody who asks waits at most for the transactions that are running.

mod schedule;
mod weights;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sportello_domain::Channel;
use tokio::sync::Notify;

use schedule::{Schedule, Ticket};
pub use weights::{Weights, WeightsError};

/// The turns of a process. Clones share them.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    schedule: Mutex<Schedule>,
    /// A turn may have been granted.
    granted: Notify,
}

/// A place in the schedule; whoever is waiting gets the turn when it is dropped.
#[must_use = "dropping it ends the turn"]
#[derive(Debug)]
pub struct Turn {
    shared: Arc<Shared>,
    ticket: Ticket,
}

impl Turns {
    /// At most so many transactions at once.
    #[must_use]
    pub fn new(at_once: NonZeroUsize, weights: Weights) -> Self {
        Self(Arc::new(Shared {
            schedule: Mutex::new(Schedule::new(at_once.get(), weights)),
            granted: Notify::new(),
        }))
    }

    /// Waits for a turn to register so many applications of a channel.
    ///
    /// Cancel-safe: whoever gives up has lost their place and nothing else.
    pub async fn turn(&self, channel: Channel, applications: usize) -> Turn {
        let turn = Turn {
            ticket: self.0.schedule().ask(channel, applications),
            shared: Arc::clone(&self.0),
        };
        loop {
            // it hears what is granted from here on, though it is not waited for yet
            let granted = self.0.granted.notified();
            if self.0.schedule().is_granted(turn.ticket) {
                return turn;
            }
            granted.await;
        }
    }
}

impl Shared {
    /// A change to it is whole or did not begin, whatever panicked while it was locked.
    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.shared.schedule().leave(self.ticket);
        self.shared.granted.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
