//! Where an item was found.

use sportello_domain::{LetterStamp, Stamp};

/// The place of an item: its message, where that has a number, and its index in it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    pub(crate) message: Option<Stamp>,
    /// `None` for a message as a whole.
    pub(crate) item: Option<u32>,
}

impl Place {
    /// Returns the number of a dead letter of this item.
    pub(crate) fn letter(self) -> Option<LetterStamp> {
        let item = self.item;
        self.message.map(|message| LetterStamp { message, item })
    }
}
