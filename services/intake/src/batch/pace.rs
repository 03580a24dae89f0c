//! The rate of all uploads together.

use std::num::NonZeroU32;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// Most unused time that later rows may catch up. A timer wakes up to a millisecond late, which the
/// next rows make up for.
const SAVED: Duration = Duration::from_millis(20);

/// Gives each row its instant, at a fixed rate for all uploads together. An upload at full speed
/// would fill the broker's write-ahead log and the worker's cores, and citizens would wait for
/// both.
pub(super) struct Pace {
    between: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    pub(super) fn new(rows_a_second: NonZeroU32) -> Self {
        Self {
            between: Duration::from_secs(1) / rows_a_second.get(),
            next: Mutex::new(Instant::now()),
        }
    }

    /// Waits for the next row's instant.
    pub(super) async fn step(&self) {
        sleep_until(self.instant(Instant::now())).await;
    }

    /// Returns the next row's instant.
    fn instant(&self, now: Instant) -> Instant {
        let mut next = self.next.lock();
        let instant = now.checked_sub(SAVED).unwrap_or(now).max(*next);
        *next = instant + self.between;
        instant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_at_their_pace_and_little_is_saved_up() {
        let pace = Pace::new(NonZeroU32::new(100).unwrap());
        let began = Instant::now();
        pace.instant(began);
        for now in [began + Duration::from_mins(1), began + Duration::from_mins(2)] {
            let instants: Vec<_> = (0..100).map(|_| pace.instant(now)).collect();
            let expected: Vec<_> = (0..100)
                .map(|row| now - SAVED + Duration::from_millis(10) * row)
                .collect();
            assert_eq!(instants, expected);
        }
    }
}
