//! The bound on what waits or is in flight.

use std::sync::{Arc, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for a number of applications and of bytes.
pub(super) struct Room {
    capacity: usize,
    applications: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// The place of one application. Held until its confirm arrives or its connection is gone, however long ago
/// the sender left.
pub(super) struct Place {
    _application: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

impl Room {
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

    /// Applications that have a place.
    pub(super) fn taken(&self) -> usize {
        self.capacity - self.applications.available_permits()
    }

    /// Reads [`Room::taken`] for as long as the room exists.
    pub(super) fn observer(&self) -> impl Fn() -> Option<usize> + Send + Sync + 'static {
        let (capacity, applications) = (self.capacity, Arc::downgrade(&self.applications));
        move || Weak::upgrade(&applications).map(|applications| capacity - applications.available_permits())
    }
}
