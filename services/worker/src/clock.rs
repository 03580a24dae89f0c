//! The time by which workers decide: the database's, which is the same for all of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parking_lot::Mutex;
use sportello_store::{Store, StoreError};

/// Age up to which an answer of the database is used.
const FRESH: Duration = Duration::from_secs(10);

/// Follows the database's clock. Between two answers it adds the time that has passed by the
/// monotonic clock, so this machine's own clock may be wrong or set.
#[derive(Clone)]
pub(crate) struct RegisterClock {
    store: Store,
    seen: Arc<Mutex<Option<Seen>>>,
}

#[derive(Clone, Copy)]
struct Seen {
    at: Instant,
    time: Timestamp,
}

impl RegisterClock {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            seen: Arc::default(),
        }
    }

    /// Returns the database's time.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, from ten seconds after its last answer on.
    pub(crate) async fn now(&self) -> Result<Timestamp, StoreError> {
        let seen = *self.seen.lock();
        if let Some(Seen { at, time }) = seen
            && at.elapsed() < FRESH
        {
            return Ok(time.saturating_add(at.elapsed()).unwrap_or(time));
        }
        let at = Instant::now();
        let time = self.store.now().await?;
        *self.seen.lock() = Some(Seen { at, time });
        Ok(time)
    }
}
