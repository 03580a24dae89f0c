//! The state of a channel's owner.

use std::sync::atomic::{AtomicU8, Ordering};

/// The state that a publish would meet now. Ordered from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The broker accepts messages.
    Connected,
    /// The broker accepts no messages, for lack of memory or disk.
    Blocked,
    /// There is no connection, or the publisher is closing.
    Disconnected,
}

/// The status, written by the owner and read by all callers.
pub(super) struct StatusCell(AtomicU8);

/// Disconnected, and never connected before.
const NEW: u8 = u8::MAX;

impl Default for StatusCell {
    fn default() -> Self {
        Self(AtomicU8::new(NEW))
    }
}

impl StatusCell {
    pub(super) fn set(&self, status: Status) {
        self.0.store(status as u8, Ordering::Release);
    }

    pub(super) fn get(&self) -> Status {
        let value = self.0.load(Ordering::Acquire);
        [Status::Connected, Status::Blocked]
            .into_iter()
            .find(|status| *status as u8 == value)
            .unwrap_or(Status::Disconnected)
    }

    /// Returns whether the owner was never connected: its queue may be missing by mistake.
    fn is_new(&self) -> bool {
        self.0.load(Ordering::Acquire) == NEW
    }
}

/// Returns the state of a channel: once each of its queues has been reached, the state of the best,
/// since one that is lost must not stop the others.
pub(super) fn of_all<'a>(queues: impl Iterator<Item = &'a StatusCell> + Clone) -> Status {
    if queues.clone().any(StatusCell::is_new) {
        return Status::Disconnected;
    }
    let best = queues.map(StatusCell::get).min();
    best.unwrap_or(Status::Disconnected)
}
