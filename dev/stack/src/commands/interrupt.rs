//! Ctrl-C and similar signals: the terminal closes, or the process is asked to end.

use anyhow::{Context, Result, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals that no longer end the process; it waits for them instead.
pub struct Interrupts([Signal; 3]);

impl Interrupts {
    /// Takes over the signals.
    pub fn take_over() -> Result<Self> {
        let one = |kind| signal(kind).context("cannot take signals over");
        Ok(Self([
            one(SignalKind::interrupt())?,
            one(SignalKind::terminate())?,
            one(SignalKind::hangup())?,
        ]))
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }

    /// Does the work unless a signal comes first.
    pub async fn unless<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            result = work => result,
            () = self.next() => bail!("interrupted"),
        }
    }
}
