//! The items that intake puts into an envelope.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::{
    ApplicationId, BatchRow, CatalogueVersion, Channel, Content, ContentDigest, Shard, Submitter, Withdrawal,
};

use super::ItemIn;
use super::withdrawal::{WithdrawalIn, WithdrawalOut};

/// Capacity around most contents, in bytes.
const COVER_BYTES: usize = 512;

/// The data that intake adds to a content that it accepts.
#[derive(Debug, Clone, Copy)]
pub struct Cover<'a> {
    /// The application's id.
    pub id: ApplicationId,
    /// The sender.
    pub submitter: &'a Submitter,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// The version of the benefit's file that it was validated against.
    pub validated_with: &'a CatalogueVersion,
    /// Whether intake has judged the channel's hours. The worker judges those of every other
    /// application.
    pub hours_judged: bool,
    /// The batch that it came in and its place there.
    pub batch: Option<BatchRow>,
    /// The W3C `traceparent` of the request's span.
    pub traceparent: Option<&'a str>,
}

impl<'a> Cover<'a> {
    /// Covers a single application, in no trace, whose hours the worker is to judge.
    #[must_use]
    pub fn new(
        id: ApplicationId,
        submitter: &'a Submitter,
        received_at: Timestamp,
        validated_with: &'a CatalogueVersion,
    ) -> Self {
        Self {
            id,
            submitter,
            received_at,
            validated_with,
            hours_judged: false,
            batch: None,
            traceparent: None,
        }
    }
}

/// An accepted application or withdrawal on its way into the queue, encoded as in the envelope.
#[derive(Clone)]
pub struct Submission {
    kind: Kind,
    id: ApplicationId,
    channel: Channel,
    shard: Shard,
    traceparent: Option<Box<str>>,
    encoded: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Application,
    Withdrawal,
}

/// A kept item that can't be read: it would make the whole envelope unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the item that was kept can't be read")]
pub struct ItemUnreadable;

/// All of an item but its content, which comes last.
#[derive(Serialize)]
struct ItemOut<'a> {
    id: ApplicationId,
    channel: Channel,
    submitter: &'a str,
    received_at: Timestamp,
    content_digest: String,
    catalogue_version: &'a CatalogueVersion,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hours_judged: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<BatchRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
}

impl Submission {
    /// Takes the content as it was sent; the digest covers exactly those bytes.
    ///
    /// # Errors
    /// Only where the cover can't be written as JSON.
    pub fn new(cover: &Cover<'_>, content: Content<'_>) -> Result<(Self, ContentDigest), serde_json::Error> {
        let content = content.as_bytes();
        let content_digest = ContentDigest::of(content);
        let channel = cover.submitter.channel();
        let item = ItemOut {
            id: cover.id,
            channel,
            submitter: cover.submitter.as_str(),
            received_at: cover.received_at,
            content_digest: content_digest.to_string(),
            catalogue_version: cover.validated_with,
            hours_judged: cover.hours_judged,
            batch: cover.batch,
            traceparent: cover.traceparent,
        };
        let mut encoded = Vec::with_capacity(content.len() + COVER_BYTES);
        serde_json::to_writer(&mut encoded, &item)?;
        // the content takes the place of the closing brace
        encoded.pop();
        for part in [br#","content":"#, content, b"}"] {
            encoded.extend_from_slice(part);
        }
        let submission = Self {
            kind: Kind::Application,
            id: cover.id,
            channel,
            shard: Shard::default(),
            traceparent: cover.traceparent.map(Into::into),
            encoded: encoded.into(),
        };
        Ok((submission, content_digest))
    }

    /// Takes a withdrawal, from a request of this trace.
    ///
    /// # Errors
    /// Only where it can't be written as JSON.
    pub fn withdrawal(withdrawal: &Withdrawal, traceparent: Option<&str>) -> Result<Self, serde_json::Error> {
        let channel = withdrawal.by.channel();
        let item = WithdrawalOut {
            id: withdrawal.application_id,
            channel,
            by: withdrawal.by.as_str(),
            requested_at: withdrawal.requested_at,
            traceparent,
        };
        Ok(Self {
            kind: Kind::Withdrawal,
            id: withdrawal.application_id,
            channel,
            shard: Shard::default(),
            traceparent: traceparent.map(Into::into),
            encoded: serde_json::to_vec(&item)?.into(),
        })
    }

    /// Says which shard its applicant belongs to. Without that it goes to the first queue of its
    /// channel: no result depends on the queue.
    #[must_use]
    pub fn in_shard(self, shard: Shard) -> Self {
        Self { shard, ..self }
    }

    /// Returns the encoded item, to be kept until it can be published.
    #[must_use]
    pub fn item(&self) -> Bytes {
        self.encoded.clone()
    }

    /// Makes a submission of a kept item, the same byte for byte.
    ///
    /// # Errors
    /// [`ItemUnreadable`]: it does not come from [`Submission::item`].
    pub fn of_item(item: Bytes) -> Result<Self, ItemUnreadable> {
        let (kind, id, channel, traceparent) = match serde_json::from_slice(&item) {
            Ok(ItemIn {
                id,
                channel,
                traceparent,
                ..
            }) => (Kind::Application, id, channel, traceparent),
            Err(_) => {
                let read = serde_json::from_slice(&item).map_err(|_| ItemUnreadable)?;
                let WithdrawalIn {
                    id,
                    channel,
                    traceparent,
                    ..
                } = read;
                (Kind::Withdrawal, id, channel, traceparent)
            }
        };
        Ok(Self {
            kind,
            id,
            channel,
            shard: Shard::default(),
            traceparent: traceparent.map(Into::into),
            encoded: item,
        })
    }

    /// Returns the application's id.
    #[must_use]
    pub fn id(&self) -> ApplicationId {
        self.id
    }

    /// Returns the channel whose queue it goes to.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel
    }

    pub(crate) fn shard(&self) -> Shard {
        self.shard
    }

    pub(super) fn is_withdrawal(&self) -> bool {
        self.kind == Kind::Withdrawal
    }

    pub(crate) fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    /// Returns the item as encoded in an envelope.
    pub(super) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// Returns the bytes that it takes in an envelope.
    pub(crate) fn len(&self) -> usize {
        self.encoded.len()
    }
}
