//! The time that an upload waits for the queue to take a row.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use sportello_http::Problem;
use tokio::time::Instant;

/// The last success of an upload's rows.
pub(super) struct Deadline {
    /// Longest time without a row that gets through.
    limit: Duration,
    started: Instant,
    /// Milliseconds after `started`.
    last: AtomicU64,
}

impl Deadline {
    /// Waits until no row has got through for `limit`.
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            started: Instant::now(),
            last: AtomicU64::new(0),
        }
    }

    /// Retries `admit`, ever more slowly, while the queue is full. The upload is not read
    /// meanwhile, so it slows down instead of failing.
    ///
    /// # Errors
    /// Those of `admit`; [`Problem::Unavailable`] once no row of the upload has got through for too
    /// long.
    pub(super) async fn admit<T, F>(&self, admit: impl Fn() -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, Problem>>,
    {
        let first = self.now();
        let delays = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(20))
            .with_max_delay(Duration::from_secs(1))
            .without_max_times()
            .with_jitter();
        let waits = |problem: &Problem| {
            let since = self
                .now()
                .saturating_sub(first.max(self.last.load(Ordering::Relaxed)));
            matches!(problem, Problem::Unavailable { .. }) && Duration::from_millis(since) < self.limit
        };
        let admitted = admit.retry(delays).when(waits).await;
        if !matches!(admitted, Err(Problem::Unavailable { .. })) {
            self.last.store(self.now(), Ordering::Relaxed);
        }
        admitted
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    const LIMIT: Duration = Duration::from_secs(1);
    const UNAVAILABLE: Problem = Problem::Unavailable { retry_after: 2 };

    #[tokio::test]
    async fn a_row_is_given_up_when_no_row_has_got_through_for_too_long() {
        let (deadline, began) = (Deadline::new(LIMIT), Instant::now());
        let never = deadline.admit(|| ready(Err::<(), _>(UNAVAILABLE))).await;
        assert_eq!(never, Err(UNAVAILABLE));
        assert!(began.elapsed() >= LIMIT);
    }

    #[tokio::test]
    async fn a_row_is_tried_for_as_long_as_others_get_through() {
        let (deadline, began) = (Deadline::new(LIMIT), Instant::now());
        let late = deadline.admit(|| {
            let through = began.elapsed() > 2 * LIMIT;
            ready(if through { Ok(()) } else { Err(UNAVAILABLE) })
        });
        let others = async {
            loop {
                let other = deadline.admit(|| ready(Ok(()))).await;
                assert_eq!(other, Ok(()));
                tokio::time::sleep(LIMIT / 20).await;
            }
        };
        tokio::select! {
            late = late => assert_eq!(late, Ok(())),
            () = others => {}
        }
    }

    #[tokio::test]
    async fn a_row_to_mend_is_not_tried_again() {
        let tries = AtomicU64::new(0);
        let admit = || {
            tries.fetch_add(1, Ordering::Relaxed);
            ready(Err::<(), _>(Problem::NotFound))
        };
        assert_eq!(Deadline::new(LIMIT).admit(admit).await, Err(Problem::NotFound));
        assert_eq!(tries.into_inner(), 1);
    }
}
