//! Free ports of 127.0.0.1 for servers.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{LazyLock, Mutex, PoisonError};

use rand::Rng;

use crate::{Error, Result};

/// Below Linux's range for outgoing connections (32768 and up). Otherwise, while a server restarts,
/// a reconnecting client could be given that same port as its own.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;
const ATTEMPTS: usize = 1_000;

/// Ports handed out by this process, some without a listener yet.
static TAKEN: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);

/// Returns a free port of 127.0.0.1 that this process has not handed out before.
///
/// # Errors
///
/// When no port is free.
pub fn free_port() -> Result<u16> {
    let mut rng = rand::rng();
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    (0..ATTEMPTS)
        .map(|_| rng.random_range(FIRST..=LAST))
        .find(|port| is_free(*port) && taken.insert(*port))
        .ok_or(Error::NoPort(FIRST, LAST))
}

/// Keeps the previous port if it is free, otherwise chooses another.
pub(crate) fn keep_or_change(port: &mut u16) -> Result<()> {
    if *port == 0 || !is_free(*port) {
        *port = free_port()?;
    }
    Ok(())
}

/// Returns whether a port of 127.0.0.1 is free.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_kept_while_it_is_free_and_changed_when_it_is_busy() {
        let mut port = 0;
        keep_or_change(&mut port).unwrap();
        let chosen = port;
        keep_or_change(&mut port).unwrap();
        assert_eq!(port, chosen);

        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        keep_or_change(&mut port).unwrap();
        assert_ne!(port, chosen);
    }
}
