//! Waiting for a condition, with a deadline.

use std::time::{Duration, Instant};

pub(crate) const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Waits until `condition` holds or `limit` has passed. Returns whether it held.
pub async fn until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
