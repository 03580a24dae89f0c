//! Messages that can't be decoded, kept whole.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use sportello_domain::{ApplicationId, BatchRow, LetterStamp, Submitter, Violation};

use crate::item::Item;
use crate::place::Place;

/// An application, or a whole message, that can't be decoded.
#[derive(Debug, Clone)]
pub struct Poison {
    reason: PoisonReason,
    frame: Option<Box<Frame>>,
    place: Place,
    bytes: Kept,
}

/// The readable fields around an application or a withdrawal.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) id: ApplicationId,
    pub(crate) submitter: Option<Submitter>,
    pub(crate) batch: Option<BatchRow>,
}

#[derive(Clone)]
enum Kept {
    /// The message, byte for byte.
    Message(Bytes),
    /// One application of a message.
    Item(Item),
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(bytes) => write!(f, "Message({} bytes)", bytes.len()),
            Self::Item(item) => fmt::Debug::fmt(item, f),
        }
    }
}

impl Poison {
    pub(crate) fn whole(message: Bytes, reason: PoisonReason) -> Self {
        Self {
            reason,
            frame: None,
            place: Place::default(),
            bytes: Kept::Message(message),
        }
    }

    pub(crate) fn item(item: Item, frame: Option<Frame>, reason: PoisonReason) -> Self {
        Self {
            reason,
            frame: frame.map(Box::new),
            place: Place::default(),
            bytes: Kept::Item(item),
        }
    }

    pub(crate) fn place_mut(&mut self) -> &mut Place {
        &mut self.place
    }

    /// Returns whether the message as a whole can't be read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self.bytes, Kept::Message(_))
    }

    /// Returns the reason; it never holds personal data.
    #[must_use]
    pub fn reason(&self) -> &PoisonReason {
        &self.reason
    }

    /// Returns the application's id, where it could be read.
    #[must_use]
    pub fn id(&self) -> Option<ApplicationId> {
        self.frame.as_ref().map(|frame| frame.id)
    }

    /// Returns the sender, where it could be read.
    #[must_use]
    pub fn submitter(&self) -> Option<&Submitter> {
        self.frame.as_ref().and_then(|frame| frame.submitter.as_ref())
    }

    /// Returns the row of the batch, where the application was in one and that could be read.
    #[must_use]
    pub fn batch(&self) -> Option<BatchRow> {
        self.frame.as_ref().and_then(|frame| frame.batch)
    }

    /// Returns the number of its dead letter, where its message has a number.
    #[must_use]
    pub fn letter_stamp(&self) -> Option<LetterStamp> {
        self.place.letter()
    }

    /// Returns the envelope for the dead-letter queue: the message byte for byte, or an envelope
    /// with this application alone, byte for byte. Published again, it is read as the original
    /// would be.
    #[must_use]
    pub fn envelope(&self) -> Vec<u8> {
        match &self.bytes {
            Kept::Message(bytes) => bytes.to_vec(),
            Kept::Item(item) => item.envelope(),
        }
    }
}

/// Why a message or an item can't be decoded. It names the place, never the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoisonReason {
    /// The message is no envelope.
    #[error("the envelope can't be read at line {line}, column {column}")]
    Envelope {
        /// Line of the message's body, from 1.
        line: usize,
        /// Column of that line, from 1.
        column: usize,
    },
    /// The message has a version that no system ever wrote.
    #[error("the envelope is of version {0}, which no system writes")]
    UnknownVersion(u64),
    /// A field around the content is missing or of another form.
    #[error("the application's frame can't be read at line {line}, column {column}")]
    Frame {
        /// Line of the application's JSON, from 1.
        line: usize,
        /// Column of that line, from 1.
        column: usize,
    },
    /// The submitter is no tax code, or no organisation.
    #[error("the submitter is not one of its channel")]
    Submitter,
    /// The content is not the accepted one.
    #[error("the content doesn't have the digest that it was accepted with")]
    DigestMismatch,
    /// The content breaks rules. Only the violations' codes are shown: a field's name may be the
    /// sender's own text.
    #[error("the content is not valid: {}", codes.join(", "))]
    Content {
        /// Codes of the violations.
        codes: Vec<Cow<'static, str>>,
    },
}

impl PoisonReason {
    pub(crate) fn envelope(error: &serde_json::Error) -> Self {
        Self::Envelope {
            line: error.line(),
            column: error.column(),
        }
    }

    pub(crate) fn item(error: &serde_json::Error) -> Self {
        Self::Frame {
            line: error.line(),
            column: error.column(),
        }
    }

    pub(crate) fn content(violations: &[Violation]) -> Self {
        Self::Content {
            codes: violations
                .iter()
                .map(|violation| violation.code.clone())
                .collect(),
        }
    }
}
