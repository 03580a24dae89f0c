//! Dead letters: the kinds of reasons for which an application is not registered.

use std::str::FromStr;

use crate::outcome::UnknownWord;

/// Why an application, a withdrawal or a message became a dead letter. The word is stable, for
/// programs and filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeadLetterReason {
    /// The database refuses it.
    Refused,
    /// The database can't register it in time, while it registers others.
    Slow,
    /// Its benefit is not in the catalogue.
    UnknownBenefit,
    /// Its benefit's retention has ended.
    RetentionEnded,
    /// The message is no envelope.
    Envelope,
    /// The message has a version that no system writes.
    UnknownVersion,
    /// The fields around the content can't be read.
    Frame,
    /// The submitter is not one of its channel.
    Submitter,
    /// The content is not the accepted one.
    DigestMismatch,
    /// The content breaks rules.
    Content,
    /// The broker delivered it too often.
    DeliveryLimit,
    /// The broker had no queue for it.
    Unrouted,
    /// Another content was received earlier under the same idempotency key.
    Conflict,
    /// An earlier worker, or a person, sent it without a word.
    Unstated,
}

impl DeadLetterReason {
    /// Every reason.
    pub const ALL: [Self; 14] = [
        Self::Refused,
        Self::Slow,
        Self::UnknownBenefit,
        Self::RetentionEnded,
        Self::Envelope,
        Self::UnknownVersion,
        Self::Frame,
        Self::Submitter,
        Self::DigestMismatch,
        Self::Content,
        Self::DeliveryLimit,
        Self::Unrouted,
        Self::Conflict,
        Self::Unstated,
    ];

    /// Returns its word in the API, the queue, the database and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Slow => "slow",
            Self::UnknownBenefit => "unknown_benefit",
            Self::RetentionEnded => "retention_ended",
            Self::Envelope => "envelope",
            Self::UnknownVersion => "unknown_version",
            Self::Frame => "frame",
            Self::Submitter => "submitter",
            Self::DigestMismatch => "digest_mismatch",
            Self::Content => "content",
            Self::DeliveryLimit => "delivery_limit",
            Self::Unrouted => "unrouted",
            Self::Conflict => "conflict",
            Self::Unstated => "unstated",
        }
    }
}

impl FromStr for DeadLetterReason {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|reason| reason.as_str() == text);
        found.ok_or(UnknownWord("dead letter's reason"))
    }
}
