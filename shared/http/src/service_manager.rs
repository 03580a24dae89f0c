//! What a process tells systemd: units with `Type=notify` wait for it (`sd_notify(3)`).

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The variable that names systemd's socket; it is absent where nothing waits.
const SOCKET: &str = "NOTIFY_SOCKET";

/// Tells systemd that the service listens.
pub fn notify_ready() {
    notify("READY=1");
}

/// Tells systemd that the service ends in order.
pub(crate) fn notify_stopping() {
    notify("STOPPING=1");
}

/// A service works without systemd, too: an error is logged.
fn notify(state: &str) {
    let Some(socket) = std::env::var_os(SOCKET).filter(|socket| !socket.is_empty()) else {
        return;
    };
    if let Err(error) = send(&socket, state) {
        tracing::warn!(%error, state, "cannot tell systemd: see NOTIFY_SOCKET");
    }
}

/// A name that begins with `@` is one of the abstract namespace.
fn send(socket: &OsStr, state: &str) -> io::Result<()> {
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let sent = UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address);
    sent.map(|_bytes| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_hears_of_a_state_at_either_kind_of_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("sportello-test-{}", std::process::id());
        let abstract_name = SocketAddr::from_abstract_name(&name).unwrap();
        let cases = [
            (path.clone().into_os_string(), UnixDatagram::bind(&path)),
            (format!("@{name}").into(), UnixDatagram::bind_addr(&abstract_name)),
        ];
        for (socket, bound) in cases {
            let bound = bound.unwrap();
            send(&socket, "READY=1").unwrap();
            let mut text = [0; 16];
            let length = bound.recv(&mut text).unwrap();
            assert_eq!(&text[..length], b"READY=1");
        }
    }
}
