//! An open loop: arrivals follow a schedule, not the answers.
//!
//! In a closed loop, senders wait for an answer before they send again. It slows down with the
//! system and so hides how long other callers would wait. Here latency counts from the intended
//! start.

use std::future::Future;
use std::ops::Range;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep_until;

/// A schedule of arrivals.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// Arrivals a second.
    pub rate: u32,
    /// Length of the schedule.
    pub duration: Duration,
}

impl Schedule {
    /// Returns the number of arrivals.
    #[must_use]
    pub fn total(&self) -> u64 {
        u64::try_from(self.duration.as_millis() * u128::from(self.rate) / 1_000).unwrap_or(u64::MAX)
    }

    /// Returns when the arrival with this index is due, from the start.
    #[must_use]
    pub fn due(&self, place: u64) -> Duration {
        Duration::from_nanos(place.saturating_mul(1_000_000_000) / u64::from(self.rate.max(1)))
    }

    /// Returns the numbers of the arrivals, beginning at `first`.
    #[must_use]
    pub fn numbers(&self, first: u64) -> Range<u64> {
        first..first + self.total()
    }

    /// Calls `arrive` with each arrival and its intended start, and returns when all returned
    /// futures have ended. An arrival that is late because the machine is busy starts at once and
    /// keeps its intended start.
    ///
    /// # Panics
    /// If one of the futures panics.
    pub async fn run<T, F>(self, arrivals: impl IntoIterator<Item = T>, arrive: impl Fn(T, Instant) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let start = Instant::now();
        let mut running = JoinSet::new();
        for (place, arrival) in (0..self.total()).zip(arrivals) {
            let due = start + self.due(place);
            if due > Instant::now() {
                sleep_until(due.into()).await;
            }
            running.spawn(arrive(arrival, due));
            while running.try_join_next().is_some() {}
        }
        running.join_all().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[tokio::test]
    async fn arrivals_keep_to_the_schedule_however_long_the_answers_take() {
        let schedule = Schedule {
            rate: 200,
            duration: Duration::from_millis(500),
        };
        let seen = Arc::new(Mutex::new(Vec::new()));
        let start = Instant::now();
        let arrive = |number, due: Instant| {
            seen.lock().unwrap().push((number, due - start));
            tokio::time::sleep(Duration::from_millis(300))
        };
        schedule.run(10.., arrive).await;
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 100);
        assert_eq!((seen[0].0, seen[99].0), (10, 109));
        let spacing = seen[99].1 - seen[0].1;
        assert_eq!(spacing.as_millis(), 495);
    }
}
