//! A bound on what each caller may have in flight.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::problem::Problem;
use parking_lot::{Mutex, MutexGuard};

/// Value of `Retry-After`, in seconds: work in flight ends soon.
const RETRY_AFTER: u32 = 1;

/// A bound on what each caller has in flight. Cheap to clone. Its memory grows only with what is in
/// flight; it stores hashes, not callers.
#[derive(Clone)]
pub struct AtOnce(Arc<Bound>);

struct Bound {
    most: Option<NonZeroU32>,
    keys: RandomState,
    in_flight: Mutex<HashMap<u64, u32>>,
}

/// Work of one caller in flight; ends when dropped.
pub struct InFlightOf {
    bound: Arc<Bound>,
    caller: u64,
}

impl AtOnce {
    /// Returns a bound of `most` for each caller; 0 means no limit.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self(Arc::new(Bound {
            most: NonZeroU32::new(most),
            keys: RandomState::new(),
            in_flight: Mutex::default(),
        }))
    }

    /// Begins work for this caller. Returns `None`, and counts nothing, where there is no limit.
    ///
    /// # Errors
    /// [`Problem::TooManyRequests`] while the caller has its maximum in flight.
    pub fn begin(&self, caller: impl Hash) -> Result<Option<InFlightOf>, Problem> {
        let Some(most) = self.0.most else {
            return Ok(None);
        };
        let caller = self.0.keys.hash_one(caller);
        let mut in_flight = self.0.in_flight();
        let of_this = in_flight.entry(caller).or_default();
        if *of_this >= most.get() {
            return Err(Problem::TooManyRequests {
                retry_after: RETRY_AFTER,
            });
        }
        *of_this += 1;
        drop(in_flight);
        let bound = Arc::clone(&self.0);
        Ok(Some(InFlightOf { bound, caller }))
    }
}

impl Bound {
    fn in_flight(&self) -> MutexGuard<'_, HashMap<u64, u32>> {
        self.in_flight.lock()
    }
}

impl Drop for InFlightOf {
    fn drop(&mut self) {
        let mut in_flight = self.bound.in_flight();
        if let Some(of_this) = in_flight.get_mut(&self.caller) {
            *of_this -= 1;
            if *of_this == 0 {
                in_flight.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_so_much_at_once_and_what_ends_is_free_again() {
        let at_once = AtOnce::new(2);
        let held: Vec<_> = (0..2).map(|_| at_once.begin("caf-aurora").ok()).collect();
        assert!(at_once.begin("caf-aurora").is_err());
        assert!(at_once.begin("caf-brina").is_ok());
        drop(held);
        assert!(at_once.0.in_flight().is_empty());
        assert!(at_once.begin("caf-aurora").is_ok());
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let at_once = AtOnce::new(0);
        assert!((0..100).all(|_| at_once.begin("caf-aurora").is_ok_and(|held| held.is_none())));
    }
}
