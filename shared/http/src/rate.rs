//! A bucket of requests that fills up again, in one word of memory.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

/// In how many nanoseconds an empty bucket is full again.
const MINUTE: u64 = 60_000_000_000;
const SECOND: u64 = 1_000_000_000;

/// So many requests a minute; all of them may come at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate(NonZeroU32);

/// A bucket, as the instant in which it is full again, in nanoseconds since a start that its owner knows (the generic cell
/// rate algorithm of ITU-T I.371, which needs no more than this).
#[derive(Debug, Default)]
pub(crate) struct Bucket(AtomicU64);

/// How a caller stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Requests of a full bucket.
    pub(crate) limit: u32,
    /// Requests that are left.
    pub(crate) remaining: u32,
    /// Seconds until the bucket is full again.
    pub(crate) reset: u32,
    /// Seconds until the next request is let in, where this one is not.
    pub(crate) refused_for: Option<u32>,
}

impl Rate {
    /// `None` is without limit.
    pub(crate) fn per_minute(requests: u32) -> Option<Self> {
        NonZeroU32::new(requests).map(Self)
    }

    /// Takes one request from the bucket. One that is refused takes none: whoever keeps asking is let in as soon as
    /// whoever waits.
    pub(crate) fn take(self, bucket: &Bucket, now: u64) -> Standing {
        let share = MINUTE / u64::from(self.0.get());
        let mut full_at = bucket.0.load(Ordering::Relaxed);
        loop {
            let next = full_at.max(now) + share;
            if let Some(too_much) = (next - now).checked_sub(MINUTE).filter(|over| *over > 0) {
                return self.standing(full_at - now, Some(too_much));
            }
            match (bucket.0).compare_exchange_weak(full_at, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return self.standing(next - now, None),
                Err(other) => full_at = other,
            }
        }
    }

    fn standing(self, until_full: u64, refused_for: Option<u64>) -> Standing {
        let seconds = |time: u64| u32::try_from(time.div_ceil(SECOND)).unwrap_or(u32::MAX);
        let share = MINUTE / u64::from(self.0.get());
        let left = MINUTE.saturating_sub(until_full) / share;
        Standing {
            limit: self.0.get(),
            remaining: u32::try_from(left).map_or(self.0.get(), |left| left.min(self.0.get())),
            reset: seconds(until_full),
            refused_for: refused_for.map(seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(limit: u32, remaining: u32, reset: u32, refused_for: Option<u32>) -> Standing {
        Standing {
            limit,
            remaining,
            reset,
            refused_for,
        }
    }

    #[test]
    fn all_may_come_at_once_and_then_one_each_share_of_a_minute() {
        let (rate, bucket) = (Rate::per_minute(3).unwrap(), Bucket::default());
        let take = |second: u64| rate.take(&bucket, second * SECOND);
        assert_eq!(take(100), standing(3, 2, 20, None));
        assert_eq!(take(100), standing(3, 1, 40, None));
        assert_eq!(take(100), standing(3, 0, 60, None));
        assert_eq!(take(100), standing(3, 0, 60, Some(20)));
        assert_eq!(take(119), standing(3, 0, 41, Some(1)));
        assert_eq!(take(120), standing(3, 0, 60, None));
        assert_eq!(take(1000), standing(3, 2, 20, None));
    }

    #[test]
    fn in_each_minute_no_more_than_twice_the_limit_gets_through() {
        for limit in [1, 7, 60, 6000] {
            let (rate, bucket) = (Rate::per_minute(limit).unwrap(), Bucket::default());
            let every_millisecond = (0..60_000).map(|millisecond| millisecond * (SECOND / 1000));
            let let_in = every_millisecond
                .filter(|now| rate.take(&bucket, *now).refused_for.is_none())
                .count();
            let limit = usize::try_from(limit).unwrap();
            assert!(
                (2 * limit - 1..=2 * limit).contains(&let_in),
                "{let_in} of {limit}"
            );
        }
    }

    #[test]
    fn threads_that_take_at_once_get_no_more_than_there_is() {
        let (rate, bucket) = (Rate::per_minute(1000).unwrap(), Bucket::default());
        let take_all = || {
            (0..1000)
                .filter(|_| rate.take(&bucket, 0).refused_for.is_none())
                .count()
        };
        let let_in: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take_all)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(let_in, 1000);
    }

    #[test]
    fn the_highest_limit_works() {
        let (rate, bucket) = (Rate::per_minute(u32::MAX).unwrap(), Bucket::default());
        assert_eq!(rate.take(&bucket, 1), standing(u32::MAX, u32::MAX, 1, None));
        assert!(Rate::per_minute(0).is_none());
    }
}
