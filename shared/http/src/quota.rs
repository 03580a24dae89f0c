//! A daily quota of items for each subject.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::rate::{Bucket, SECOND};

/// Nanoseconds in which an empty bucket fills.
const DAY: u64 = 86_400 * SECOND;
/// Number of buckets: 8 MiB.
const BUCKETS: usize = 1 << 20;
/// Number of items that are remembered: 2 MiB.
const REMEMBERED: usize = 1 << 18;

/// Counts items per subject and day in this process, in constant memory.
///
/// Subjects and items are not stored: hashes under keys of this process select their places. Each
/// subject has two buckets and is refused only where both are empty, so that hardly any subject is
/// refused because of others: with 300,000 subjects a day and a limit of 5, fewer than one in a
/// million.
pub struct DailyQuota {
    start: Instant,
    keys: [RandomState; 2],
    buckets: Box<[Bucket]>,
    remembered: Box<[AtomicU64]>,
}

impl Default for DailyQuota {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            keys: [RandomState::new(), RandomState::new()],
            buckets: (0..BUCKETS).map(|_| Bucket::default()).collect(),
            remembered: (0..REMEMBERED).map(|_| AtomicU64::default()).collect(),
        }
    }
}

impl DailyQuota {
    /// Counts an item of a subject, which may have `limit` a day: all at once, and then one for
    /// each share of the day. A repeated item counts once, until later items displace it from
    /// memory.
    ///
    /// # Errors
    /// Over the limit: the seconds until the next item is accepted.
    pub fn count(&self, limit: NonZeroU32, subject: impl Hash, item: impl Hash) -> Result<(), u32> {
        let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX / 2);
        self.count_at(now, limit, &subject, &item)
    }

    fn count_at(
        &self,
        now: u64,
        limit: NonZeroU32,
        subject: &impl Hash,
        item: &impl Hash,
    ) -> Result<(), u32> {
        let mark = self.keys[0].hash_one((subject, item)).max(1);
        let place = &self.remembered[place(mark, REMEMBERED)];
        if place.load(Ordering::Relaxed) == mark {
            return Ok(());
        }
        let share = DAY / u64::from(limit.get());
        let mut refused_for = u64::MAX;
        for key in &self.keys {
            let bucket = &self.buckets[place_of(key, subject)];
            // both are charged, so a subject alone in its buckets has no more than the limit
            let too_much = bucket
                .take(now, share, DAY)
                .map_or_else(|full| full.too_much, |_| 0);
            refused_for = refused_for.min(too_much);
        }
        if refused_for > 0 {
            return Err(u32::try_from(refused_for.div_ceil(SECOND)).unwrap_or(u32::MAX));
        }
        place.store(mark, Ordering::Relaxed);
        Ok(())
    }
}

fn place_of(key: &RandomState, subject: &impl Hash) -> usize {
    place(key.hash_one(subject), BUCKETS)
}

#[expect(clippy::cast_possible_truncation, reason = "the remainder is what counts")]
fn place(hash: u64, places: usize) -> usize {
    hash as usize % places
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: NonZeroU32 = NonZeroU32::new(5).unwrap();

    #[test]
    fn after_the_limit_the_next_share_of_the_day_is_reported() {
        let quota = DailyQuota::default();
        let count = |now: u64, item: u32| quota.count_at(now, FIVE, &"somebody", &item);
        for item in 0..5 {
            assert_eq!(count(1, item), Ok(()));
        }
        assert_eq!(count(1, 5), Err(86_400 / 5));
        assert_eq!(count(DAY / 5 + 1, 5), Ok(()));
        assert_eq!(quota.count_at(1, FIVE, &"another", &5), Ok(()));
    }

    #[test]
    fn an_item_that_comes_again_counts_once() {
        let quota = DailyQuota::default();
        for _ in 0..100 {
            assert_eq!(quota.count_at(1, FIVE, &"somebody", &"the same"), Ok(()));
        }
        assert_eq!(quota.count_at(1, FIVE, &"somebody", &"another"), Ok(()));
    }

    #[test]
    fn hardly_any_subject_is_refused_for_others() {
        let quota = DailyQuota::default();
        let refused = (0..300_000_u32).filter(|subject| quota.count_at(1, FIVE, subject, &0).is_err());
        assert_eq!(refused.count(), 0);
    }
}
