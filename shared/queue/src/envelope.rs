//! The message on the queue: a versioned JSON document that holds one or more applications.
//!
//! ```json
//! {"version": 1, "applications": [{
//!   "id": "…", "channel": "citizen", "submitter": "RSSMRA80A01H501U", "received_at": "2020-04-01T06:00:00Z",
//!   "content_digest": "sha-256=:…:", "catalogue_version": "0123456789abcdef", "traceparent": "00-…", "content": {…}
//! }]}
//! ```
//!
//! `content` holds the bytes that were posted, never written anew, so that the digest that its sender can
//! compute also holds here. A field that a reader may not ignore needs a new version.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sportello_domain::{
    AcceptedApplication, Application, ApplicationId, BatchRow, CatalogueVersion, Channel, Content,
    ContentDigest, OrganisationId, Submitter, TaxCode,
};

use crate::poison::{Poison, PoisonReason};

/// The version that is written, and the only one that is read.
const VERSION: u64 = 1;
const HEAD: &[u8] = br#"{"version":1,"applications":["#;
const TAIL: &[u8] = b"]}";
/// Bytes that are enough for what is written around most contents.
const COVER_BYTES: usize = 512;

/// What intake says of a content that it accepts.
#[derive(Debug, Clone, Copy)]
pub struct Cover<'a> {
    /// The application's id.
    pub id: ApplicationId,
    /// Who sent it.
    pub submitter: &'a Submitter,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// The version of the benefit's file that it was validated against.
    pub validated_with: &'a CatalogueVersion,
    /// Whether an operator had opened the channel, so that its hours do not count.
    pub opened_by_operator: bool,
    /// The batch that it came in and its place there.
    pub batch: Option<BatchRow>,
    /// The W3C `traceparent` of the request's span.
    pub traceparent: Option<&'a str>,
}

impl<'a> Cover<'a> {
    /// Of an application that came alone, while its channel was open by its hours, in no trace.
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
            opened_by_operator: false,
            batch: None,
            traceparent: None,
        }
    }
}

/// An accepted application on its way into the queue, written as it will be in the envelope.
#[derive(Clone)]
pub struct Submission {
    id: ApplicationId,
    channel: Channel,
    content_digest: ContentDigest,
    traceparent: Option<Box<str>>,
    encoded: Bytes,
}

/// A kept item that can't be read: it would make the whole envelope unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the application that was kept can't be read")]
pub struct ItemUnreadable;

/// All of an item but its content, which is the last of it.
#[derive(Serialize)]
struct ItemOut<'a> {
    id: ApplicationId,
    channel: Channel,
    submitter: &'a str,
    received_at: Timestamp,
    content_digest: String,
    catalogue_version: &'a CatalogueVersion,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    opened_by_operator: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<BatchRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
}

impl Submission {
    /// Takes the content as it was sent; the digest is of exactly that.
    ///
    /// # Errors
    /// Only where the cover can't be written as JSON.
    pub fn new(cover: &Cover<'_>, content: Content<'_>) -> Result<Self, serde_json::Error> {
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
            opened_by_operator: cover.opened_by_operator,
            batch: cover.batch,
            traceparent: cover.traceparent,
        };
        let mut encoded = Vec::with_capacity(content.len() + COVER_BYTES);
        serde_json::to_writer(&mut encoded, &item)?;
        // the content takes the place of the brace that ends it
        encoded.pop();
        for part in [br#","content":"#, content, b"}"] {
            encoded.extend_from_slice(part);
        }
        Ok(Self {
            id: cover.id,
            channel,
            content_digest,
            traceparent: cover.traceparent.map(Into::into),
            encoded: encoded.into(),
        })
    }

    /// As it will be in the envelope: what to keep of it until it can be published.
    #[must_use]
    pub fn item(&self) -> Bytes {
        self.encoded.clone()
    }

    /// What was kept, the same byte for byte.
    ///
    /// # Errors
    /// [`ItemUnreadable`]: it is not what [`Submission::item`] gave.
    pub fn of_item(item: Bytes) -> Result<Self, ItemUnreadable> {
        let read: ItemIn<'_> = serde_json::from_slice(&item).map_err(|_| ItemUnreadable)?;
        let content_digest = read.content_digest.parse().map_err(|_| ItemUnreadable)?;
        let (id, channel) = (read.id, read.channel);
        let traceparent = read.traceparent.map(Into::into);
        Ok(Self {
            id,
            channel,
            content_digest,
            traceparent,
            encoded: item,
        })
    }

    /// The application's id.
    #[must_use]
    pub fn id(&self) -> ApplicationId {
        self.id
    }

    /// The channel whose queue it goes to.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// Digest of the posted body without the white space around it.
    #[must_use]
    pub fn content_digest(&self) -> ContentDigest {
        self.content_digest
    }

    pub(crate) fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    /// Bytes that it takes in an envelope.
    pub(crate) fn len(&self) -> usize {
        self.encoded.len()
    }
}

/// The envelope of these submissions: one message, for one channel's queue.
#[must_use]
pub fn encode<'a>(submissions: impl Iterator<Item = &'a Submission> + Clone) -> Vec<u8> {
    wrap(submissions.map(|submission| &*submission.encoded))
}

fn wrap<'a>(items: impl Iterator<Item = &'a [u8]> + Clone) -> Vec<u8> {
    let size: usize = items.clone().map(|item| item.len() + 1).sum();
    let mut envelope = Vec::with_capacity(HEAD.len() + size + TAIL.len());
    envelope.extend_from_slice(HEAD);
    for (index, item) in items.enumerate() {
        if index > 0 {
            envelope.push(b',');
        }
        envelope.extend_from_slice(item);
    }
    envelope.extend_from_slice(TAIL);
    envelope
}

/// An application as it was found in an envelope.
#[derive(Debug, Clone)]
pub struct Received {
    /// The application.
    pub application: AcceptedApplication,
    /// The span in which it was accepted, as a W3C `traceparent`.
    pub traceparent: Option<String>,
    item: Item,
}

impl Received {
    /// An envelope with this application alone: what goes to the dead-letter queue when it fails later on.
    #[must_use]
    pub fn envelope(&self) -> Vec<u8> {
        self.item.envelope()
    }
}

/// One element of `applications`, byte for byte.
#[derive(Clone)]
pub(crate) enum Item {
    /// Cut out of its message.
    Alone(Bytes),
    /// In its message, in this place. It is cut out when somebody asks, which is seldom.
    Within(Bytes, usize),
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Alone(item) => write!(f, "Item({} bytes)", item.len()),
            Self::Within(_, index) => write!(f, "Item(number {index} of its message)"),
        }
    }
}

impl Item {
    pub(crate) fn envelope(&self) -> Vec<u8> {
        match self {
            Self::Alone(item) => wrap(std::iter::once(&**item)),
            Self::Within(message, index) => {
                let envelope = read_envelope(message).ok();
                let raw = envelope.and_then(|envelope| envelope.applications.get(*index).copied());
                // it was read before, so that it is there
                raw.map_or_else(
                    || message.to_vec(),
                    |raw| wrap(std::iter::once(raw.get().as_bytes())),
                )
            }
        }
    }
}

#[derive(Deserialize)]
struct EnvelopeIn<'a> {
    version: u64,
    #[serde(borrow)]
    applications: Vec<&'a RawValue>,
}

/// The same in one pass, where every application's frame can be read: nearly always.
#[derive(Deserialize)]
struct GoodEnvelopeIn<'a> {
    version: u64,
    #[serde(borrow)]
    applications: Vec<ItemIn<'a>>,
}

#[derive(Deserialize)]
struct VersionIn {
    version: u64,
}

#[derive(Deserialize)]
struct ItemIn<'a> {
    id: ApplicationId,
    channel: Channel,
    #[serde(borrow)]
    submitter: Cow<'a, str>,
    received_at: Timestamp,
    #[serde(borrow)]
    content_digest: Cow<'a, str>,
    catalogue_version: CatalogueVersion,
    #[serde(default)]
    opened_by_operator: bool,
    #[serde(default)]
    batch: Option<BatchRow>,
    #[serde(default)]
    traceparent: Option<String>,
    #[serde(borrow)]
    content: &'a RawValue,
}

/// Reads a message's body. Each application is decoded on its own; an envelope that can't be read at all, or
/// is of another version, is one poison.
#[must_use]
pub fn decode(body: &Bytes) -> Vec<Result<Received, Poison>> {
    match serde_json::from_slice::<GoodEnvelopeIn<'_>>(body) {
        Ok(envelope) if envelope.version == VERSION => {
            let items = envelope.applications.into_iter().enumerate();
            items
                .map(|(index, raw)| decode_raw(Item::Within(body.clone(), index), raw))
                .collect()
        }
        Ok(_) | Err(_) => decode_one_by_one(body),
    }
}

fn decode_one_by_one(body: &Bytes) -> Vec<Result<Received, Poison>> {
    let envelope = match read_envelope(body) {
        Ok(envelope) => envelope,
        Err(reason) => return vec![Err(Poison::whole(body.clone(), reason))],
    };
    let item = |raw: &&RawValue| Item::Alone(body.slice(range_within(body, raw.get().as_bytes())));
    envelope
        .applications
        .iter()
        .map(|raw| decode_item(item(raw), raw.get()))
        .collect()
}

fn read_envelope(body: &[u8]) -> Result<EnvelopeIn<'_>, PoisonReason> {
    match serde_json::from_slice::<EnvelopeIn<'_>>(body) {
        Ok(envelope) if envelope.version == VERSION => Ok(envelope),
        Ok(EnvelopeIn { version, .. }) => Err(PoisonReason::UnknownVersion(version)),
        Err(error) => match serde_json::from_slice(body) {
            Ok(VersionIn { version }) if version != VERSION => Err(PoisonReason::UnknownVersion(version)),
            Ok(VersionIn { .. }) | Err(_) => Err(PoisonReason::envelope(&error)),
        },
    }
}

/// Where `part`, which was borrowed from `whole`, lies in it.
fn range_within(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr() as usize - whole.as_ptr() as usize;
    start..start + part.len()
}

fn decode_item(item: Item, json: &str) -> Result<Received, Poison> {
    match serde_json::from_str(json) {
        Ok(raw) => decode_raw(item, raw),
        Err(error) => Err(Poison::item(item, None, PoisonReason::item(&error))),
    }
}

fn decode_raw(item: Item, raw: ItemIn<'_>) -> Result<Received, Poison> {
    match accepted(&raw) {
        Ok(application) => Ok(Received {
            application,
            traceparent: raw.traceparent,
            item,
        }),
        Err(reason) => Err(Poison::item(item, Some(raw.id), reason)),
    }
}

fn accepted(raw: &ItemIn<'_>) -> Result<AcceptedApplication, PoisonReason> {
    let submitter = match raw.channel {
        Channel::Citizen => TaxCode::parse(&raw.submitter).map(Submitter::Citizen).ok(),
        Channel::Intermediary => OrganisationId::parse(&raw.submitter)
            .map(Submitter::Intermediary)
            .ok(),
    };
    let submitter = submitter.ok_or(PoisonReason::Submitter)?;
    let content = raw.content.get().as_bytes();
    let content_digest = ContentDigest::of(content);
    if raw.content_digest.parse() != Ok(content_digest) {
        return Err(PoisonReason::DigestMismatch);
    }
    let application = Application::parse(content).map_err(|violations| PoisonReason::content(&violations))?;
    Ok(AcceptedApplication {
        id: raw.id,
        submitter,
        received_at: raw.received_at,
        content_digest,
        validated_with: raw.catalogue_version.clone(),
        opened_by_operator: raw.opened_by_operator,
        batch: raw.batch,
        application,
    })
}

#[cfg(test)]
mod tests;
