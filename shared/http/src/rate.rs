//! Token buckets of requests, one word of memory each.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::HeaderName;

/// Headers that show a [`Standing`], as the interoperability model names them.
pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub(crate) const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

pub(crate) const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
/// A burst may have the requests of this time, and at least one.
const BURST: u64 = MINUTE / 4;

/// Requests per minute, a quarter of which may come at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate(NonZeroU32);

/// A bucket, stored as the instant at which it is full again, in nanoseconds since a start that its
/// owner knows (the generic cell rate algorithm of ITU-T I.371).
#[derive(Debug, Default)]
pub(crate) struct Bucket(AtomicU64);

/// The state of a caller's limit after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Requests that a full bucket holds.
    pub(crate) limit: u32,
    /// Requests left in the bucket.
    pub(crate) remaining: u32,
    /// Seconds until the bucket is full again.
    pub(crate) reset: u32,
    /// Seconds until the next request is accepted, if this one is refused.
    pub(crate) refused_for: Option<u32>,
}

/// The error for an empty bucket.
pub(crate) struct Empty {
    /// Nanoseconds until the bucket is full again.
    pub(crate) until_full: u64,
    /// Nanoseconds until the bucket has a share.
    pub(crate) too_much: u64,
}

impl Bucket {
    /// Takes `share` from a bucket that fills within `period`. Returns the nanoseconds until the
    /// bucket is full again.
    pub(crate) fn take(&self, now: u64, share: u64, period: u64) -> Result<u64, Empty> {
        let mut full_at = self.0.load(Ordering::Relaxed);
        loop {
            let next = full_at.max(now) + share;
            if let Some(too_much) = (next - now).checked_sub(period).filter(|over| *over > 0) {
                let until_full = full_at - now;
                return Err(Empty { until_full, too_much });
            }
            match (self.0).compare_exchange_weak(full_at, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(next - now),
                Err(other) => full_at = other,
            }
        }
    }
}

impl Rate {
    /// Returns the rate; `None`, which means no limit, for 0.
    pub(crate) fn per_minute(requests: u32) -> Option<Self> {
        NonZeroU32::new(requests).map(Self)
    }

    /// Takes one request from both buckets, and refuses it only where both are empty. A caller
    /// alone in both gains nothing from the second; a caller that shares a bucket with another that
    /// keeps it empty still has the second. Threads that take at once may find one bucket empty and
    /// the other not, so that each of them may get one request more than a bucket holds.
    pub(crate) fn take(self, buckets: [&Bucket; 2], now: u64) -> Standing {
        let [first, second] = buckets.map(|bucket| self.take_from(bucket, now));
        match (first.refused_for, second.refused_for) {
            (None, Some(_)) => first,
            (Some(_), None) => second,
            (None, None) if first.remaining > second.remaining => first,
            (Some(one), Some(other)) if one < other => first,
            (None, None) | (Some(_), Some(_)) => second,
        }
    }

    /// A refused request takes nothing, so a caller that retries early is accepted as soon as one
    /// that waits.
    fn take_from(self, bucket: &Bucket, now: u64) -> Standing {
        match bucket.take(now, self.share(), self.full()) {
            Ok(until_full) => self.standing(until_full, None),
            Err(empty) => self.standing(empty.until_full, Some(empty.too_much)),
        }
    }

    /// Returns the nanoseconds that one request takes.
    fn share(self) -> u64 {
        MINUTE / u64::from(self.0.get())
    }

    /// Returns the nanoseconds in which an empty bucket fills.
    fn full(self) -> u64 {
        BURST.max(self.share())
    }

    fn standing(self, until_full: u64, refused_for: Option<u64>) -> Standing {
        let seconds = |time: u64| u32::try_from(time.div_ceil(SECOND)).unwrap_or(u32::MAX);
        let requests = |time: u64| u32::try_from(time / self.share()).unwrap_or(u32::MAX);
        Standing {
            limit: requests(self.full()),
            remaining: requests(self.full().saturating_sub(until_full)),
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
    fn a_quarter_may_come_at_once_and_then_one_each_share_of_a_minute() {
        let (rate, buckets) = (Rate::per_minute(12).unwrap(), <[Bucket; 2]>::default());
        let take = |second: u64| rate.take(buckets.each_ref(), second * SECOND);
        assert_eq!(take(100), standing(3, 2, 5, None));
        assert_eq!(take(100), standing(3, 1, 10, None));
        assert_eq!(take(100), standing(3, 0, 15, None));
        assert_eq!(take(100), standing(3, 0, 15, Some(5)));
        assert_eq!(take(104), standing(3, 0, 11, Some(1)));
        assert_eq!(take(105), standing(3, 0, 15, None));
        assert_eq!(take(1000), standing(3, 2, 5, None));
    }

    #[test]
    fn in_each_minute_no_more_than_the_limit_and_a_quarter_gets_through() {
        for limit in [1, 7, 60, 6000_u32] {
            let (rate, buckets) = (Rate::per_minute(limit).unwrap(), <[Bucket; 2]>::default());
            let every_millisecond = (0..60_000).map(|millisecond| millisecond * (SECOND / 1000));
            let let_in = every_millisecond
                .filter(|now| rate.take(buckets.each_ref(), *now).refused_for.is_none())
                .count();
            let most = usize::try_from(limit + (limit / 4).max(1)).unwrap();
            assert!((most - 1..=most).contains(&let_in), "{let_in} of {limit}");
        }
    }

    #[test]
    fn an_emptied_bucket_keeps_no_other_caller_out() {
        let rate = Rate::per_minute(12).unwrap();
        let [shared, theirs, others, last] = <[Bucket; 4]>::default();
        while rate.take([&shared, &theirs], 0).refused_for.is_none() {}
        for left in [2, 1, 0] {
            assert_eq!(
                rate.take([&shared, &others], 0),
                standing(3, left, (3 - left) * 5, None)
            );
        }
        // refused where both are empty; the fuller bucket sets the time to come back
        assert_eq!(rate.take([&shared, &others], 0).refused_for, Some(5));
        assert_eq!(rate.take([&others, &last], 0).refused_for, None);
    }

    #[test]
    fn threads_that_take_at_once_get_no_more_than_there_is() {
        let (rate, bucket) = (Rate::per_minute(4000).unwrap(), Bucket::default());
        let take_all = || {
            (0..1000)
                .filter(|_| rate.take_from(&bucket, 0).refused_for.is_none())
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
        let (rate, buckets) = (Rate::per_minute(u32::MAX).unwrap(), <[Bucket; 2]>::default());
        assert!(rate.take(buckets.each_ref(), 1).remaining > u32::MAX / 5);
        assert!(Rate::per_minute(0).is_none());
    }
}
