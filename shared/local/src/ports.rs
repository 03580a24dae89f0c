//! Free ports of 127.0.0.1 for servers.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{LazyLock, Mutex, PoisonError};

use rand::Rng;

use crate::{Error, Result};

/// Below the range that Linux takes for outgoing connections (32768 and up): otherwise, while a server
/// restarts, a client that keeps knocking at its port can be given that very port to knock from.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;
const ATTEMPTS: usize = 1_000;

/// Ports handed out by this process, some of which nobody listens at yet.
static TAKEN: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);

/// A port of 127.0.0.1 where nobody listens and that this process was not given before.
///
/// # Errors
///
/// When none was found.
pub fn free_port() -> Result<u16> {
    let mut rng = rand::rng();
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    (0..ATTEMPTS)
        .map(|_| rng.random_range(FIRST..=LAST))
        .find(|port| is_free(*port) && taken.insert(*port))
        .ok_or(Error::NoPort(FIRST, LAST))
}

/// The same port as before while nobody else listens there, otherwise another one.
pub(crate) fn keep_or_change(port: &mut u16) -> Result<()> {
    if *port == 0 || !is_free(*port) {
        *port = free_port()?;
    }
    Ok(())
}

/// Whether nobody listens at a port of 127.0.0.1.
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
