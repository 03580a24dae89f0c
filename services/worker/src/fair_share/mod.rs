//! Fair share of the database: a bulk load never delays citizens, and no channel starves.
//!
//! Both channels share a fixed number of transactions at once. While both have work they get turns
//! by weight; a channel alone gets all turns. So a new request for a turn waits at most for the
//! running transactions.

mod schedule;
mod weights;

use std::num::NonZeroUsize;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use sportello_domain::Channel;
use tokio::sync::Notify;

use schedule::{Schedule, Ticket};
pub use weights::{Weights, WeightsError};

/// The turns of a process. Clones share them.
#[derive(Debug, Clone)]
pub struct FairShare(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    schedule: Mutex<Schedule>,
    /// Notified when a turn may have been granted.
    granted: Notify,
}

/// A turn in the schedule. Dropping it grants the next.
#[must_use = "dropping it ends the turn"]
#[derive(Debug)]
pub struct Turn {
    shared: Arc<Shared>,
    ticket: Ticket,
}

impl FairShare {
    /// Allows at most `at_once` transactions at once.
    #[must_use]
    pub fn new(at_once: NonZeroUsize, weights: Weights) -> Self {
        Self(Arc::new(Shared {
            schedule: Mutex::new(Schedule::new(at_once.get(), weights)),
            granted: Notify::new(),
        }))
    }

    /// Waits for a turn to register this number of applications of a channel.
    ///
    /// Cancel-safe: dropping the future loses the place and nothing else.
    pub async fn turn(&self, channel: Channel, applications: usize) -> Turn {
        let turn = Turn {
            ticket: self.0.schedule().ask(channel, applications),
            shared: Arc::clone(&self.0),
        };
        loop {
            // registered before the check, so that no grant in between is missed
            let granted = self.0.granted.notified();
            if self.0.schedule().is_granted(turn.ticket) {
                return turn;
            }
            granted.await;
        }
    }
}

impl Shared {
    /// A panic under the lock leaves the schedule good: a change is whole or did not begin.
    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock()
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
