//! Orderly shutdown.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use crate::service_manager::notify_stopping;

/// Waits until the process receives SIGTERM or SIGINT. This is the only owner of signals: the
/// server's own handling is off, since it would drop requests in flight on SIGINT.
pub async fn shutdown_signal() {
    if let Err(error) = terminated().await {
        tracing::error!(%error, "cannot listen for signals: shutting down");
    }
    notify_stopping();
}

async fn terminated() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
