//! The bound on applications that wait or are in flight.

use std::sync::{Arc, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Capacity for a number of applications and of bytes.
pub(super) struct Capacity {
    capacity: usize,
    applications: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// The place of one application. Held until its confirm arrives or its connection is gone, even if
/// the sender left long ago.
pub(super) struct Place {
    _application: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

impl Capacity {
    pub(super) fn new(applications: usize, bytes: usize) -> Self {
        Self {
            capacity: applications,
            applications: Arc::new(Semaphore::new(applications)),
            bytes: Arc::new(Semaphore::new(bytes)),
        }
    }

    pub(super) fn take(&self, bytes: usize) -> Option<Place> {
        let bytes = u32::try_from(bytes).ok()?;
        Some(Place {
            _application: Arc::clone(&self.applications).try_acquire_owned().ok()?,
            _bytes: Arc::clone(&self.bytes).try_acquire_many_owned(bytes).ok()?,
        })
    }

    /// Returns the number of applications that have a place.
    pub(super) fn taken(&self) -> usize {
        self.capacity - self.applications.available_permits()
    }

    /// Returns a reader of [`Capacity::taken`], which works for as long as the capacity exists.
    pub(super) fn observer(&self) -> impl Fn() -> Option<usize> + Send + Sync + 'static {
        let (capacity, applications) = (self.capacity, Arc::downgrade(&self.applications));
        move || Weak::upgrade(&applications).map(|applications| capacity - applications.available_permits())
    }
}
