//! Messages that only a newer worker can read.
//!
//! An update may start intake before the workers. The new intake's messages stay in the queue for
//! the new workers: an old worker keeps such a message unacknowledged, goes on with the others, and
//! gives it back after a while.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sportello_queue::{Delivery, NewerVersion};
use tokio::time::Instant;

/// First time to keep a message: about one in two goes to a newer worker that runs beside this one.
const FIRST_HOLD: Duration = Duration::from_secs(5);
/// Returns after which each hold is twice as long as the one before. The broker counts each return
/// as a delivery, and dead-letters a message with too many (100): after more than a day.
const QUICK_RETURNS: u32 = 8;
/// Less than the 30 minutes after which the broker ends a consumer that keeps a message.
const LONGEST_HOLD: Duration = Duration::from_secs(20 * 60);

/// Number of messages that a lane keeps for a newer worker, readable at any time.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<AtomicUsize>);

impl Kept {
    /// Returns the number of messages in hand that only a newer worker can read.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// The messages that a lane keeps for a newer worker. The prefetch bounds them.
#[derive(Default)]
pub(crate) struct Newer {
    in_hand: Vec<(Instant, Delivery)>,
    kept: Kept,
}

impl Newer {
    pub(crate) fn kept(&self) -> Kept {
        self.kept.clone()
    }

    /// Keeps a message.
    pub(crate) fn keep(&mut self, delivery: Delivery, version: NewerVersion) {
        if self.in_hand.is_empty() {
            tracing::warn!(%version, "a message is kept for a newer worker: start one");
        }
        let until = Instant::now() + hold(delivery.returns());
        self.in_hand.push((until, delivery));
        self.count();
    }

    /// Waits until a message has been kept for long enough; for ever while there is none.
    /// Cancel-safe.
    pub(crate) async fn due(&self) {
        match self.in_hand.iter().map(|(until, _)| *until).min() {
            Some(until) => tokio::time::sleep_until(until).await,
            None => pending().await,
        }
    }

    /// Gives back the messages kept for long enough, to any worker that the broker chooses.
    pub(crate) async fn give_back(&mut self) {
        let now = Instant::now();
        let (due, rest) = std::mem::take(&mut self.in_hand)
            .into_iter()
            .filter(|(_, delivery)| delivery.is_current())
            .partition(|(until, _)| *until <= now);
        self.in_hand = rest;
        let due: Vec<(Instant, Delivery)> = due;
        for (_, delivery) in due {
            if let Err(error) = delivery.give_back().await {
                tracing::debug!(%error, "not given back");
            }
        }
        self.count();
    }

    fn count(&self) {
        self.kept.0.store(self.in_hand.len(), Ordering::Relaxed);
    }
}

fn hold(returns: u32) -> Duration {
    let doublings = returns.saturating_sub(QUICK_RETURNS);
    let times = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
    FIRST_HOLD.saturating_mul(times).min(LONGEST_HOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_often_is_kept_for_longer() {
        for few in [0, 1, QUICK_RETURNS] {
            assert_eq!(hold(few), FIRST_HOLD);
        }
        assert_eq!(hold(QUICK_RETURNS + 2), FIRST_HOLD * 4);
        for many in [16, 39, 40, u32::MAX] {
            assert_eq!(hold(many), LONGEST_HOLD);
        }
        let until_dead_lettered: Duration = (0..100).map(hold).sum();
        assert!(until_dead_lettered > Duration::from_secs(86_400));
    }
}
