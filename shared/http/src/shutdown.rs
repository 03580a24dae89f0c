//! Ending in order.

use std::future::Future;
use std::io;

use actix_web::dev::Server;
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

/// Serves until `stop` ends, then stops accepting and lets the requests in work end.
///
/// # Errors
/// A server that ends by itself, which is a fault, or that could not go on.
pub async fn serve(server: Server, stop: impl Future<Output = ()>) -> io::Result<()> {
    let handle = server.handle();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => {
            ended?;
            Err(io::Error::other("the HTTP server stopped without being told to"))
        }
        () = stop => {
            let ((), ended) = tokio::join!(handle.stop(true), server);
            ended
        }
    }
}
