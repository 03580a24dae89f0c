//! Ending in order.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Ends when the process is told to end: SIGTERM or SIGINT. The one owner of signals; the server has its own
/// handling switched off, since it would drop requests in work on SIGINT.
pub async fn shutdown_signal() {
    if let Err(error) = terminated().await {
        tracing::error!(%error, "signals can't be heard: ending");
    }
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
