//! A message that no worker can process, and where it must end.

/// A message that this worker can't process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poison {
    pub(crate) message: String,
    pub(super) ends: Ends,
}

/// The place where such a message must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// In the dead-letter queue, with a reason that begins with this text.
    DeadLetter(&'static str),
    /// In its queue, for a newer worker.
    Queued,
}

impl Poison {
    /// Returns whether it stays in its queue.
    #[must_use]
    pub fn stays_queued(&self) -> bool {
        self.ends == Ends::Queued
    }
}
