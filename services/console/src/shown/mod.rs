//! What viewers see: the newest second, and the past.

mod frame;
mod past;

use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::watch;

pub(crate) use frame::Frame;
pub(crate) use past::{COLUMNS, Minute, Past};

/// What viewers see, written by the sampler alone.
pub(crate) struct Shown {
    newest: watch::Sender<Option<Arc<Frame>>>,
    past: RwLock<Past>,
}

impl Shown {
    /// Makes the state before the first second.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            newest: watch::Sender::new(None),
            past: RwLock::default(),
        })
    }

    /// Shows a second. Returns the minute before, where this second begins another.
    pub(crate) fn show(&self, frame: Frame) -> Option<Minute> {
        let ended = self.past.write().add(&frame.now);
        self.newest.send_replace(Some(Arc::new(frame)));
        ended
    }

    /// Returns the newest second; `None` before the first.
    pub(crate) fn newest(&self) -> Option<Arc<Frame>> {
        self.newest.borrow().clone()
    }

    /// Follows the seconds: a slow follower gets the newest one alone.
    pub(crate) fn follow(&self) -> watch::Receiver<Option<Arc<Frame>>> {
        self.newest.subscribe()
    }

    /// Returns the seconds and the minutes.
    pub(crate) fn past(&self) -> &RwLock<Past> {
        &self.past
    }
}
