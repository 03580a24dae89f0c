//! Waiting for a condition, with a deadline.

use std::net::{Ipv4Addr, TcpStream};
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

/// Returns whether a port of 127.0.0.1 takes connections.
pub(crate) fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
