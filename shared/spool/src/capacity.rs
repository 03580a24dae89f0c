//! A bound on the bytes that wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Capacity for a number of bytes.
pub(crate) struct Capacity {
    capacity: u64,
    taken: Arc<AtomicU64>,
}

/// Part of the capacity, given back when dropped.
pub(crate) struct Place {
    bytes: u64,
    taken: Arc<AtomicU64>,
}

impl Capacity {
    pub(crate) fn new(capacity: u64) -> Self {
        Self {
            capacity,
            taken: Arc::default(),
        }
    }

    pub(crate) fn take(&self, bytes: u64) -> Option<Place> {
        let fits = |taken: u64| taken.checked_add(bytes).filter(|&taken| taken <= self.capacity);
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, fits)
            .ok()?;
        Some(Place {
            bytes,
            taken: Arc::clone(&self.taken),
        })
    }

    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}
