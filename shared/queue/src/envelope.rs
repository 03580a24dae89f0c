//! The message on the queue: a versioned JSON document that holds one or more applications or
//! withdrawals.
//!
//! ```json
//! {"version": 1, "applications": [{
//!   "id": "…", "channel": "citizen", "submitter": "RSSMRA80A01H501U",
//!   "received_at": "2020-04-01T06:00:00Z", "content_digest": "sha-256=:…:",
//!   "catalogue_version": "0123456789abcdef", "traceparent": "00-…", "content": {…}
//! }]}
//! {"version": 2, "applications": […], "withdrawals": [{
//!   "id": "…", "channel": "citizen", "by": "RSSMRA80A01H501U",
//!   "requested_at": "2020-04-02T06:00:00Z"
//! }]}
//! ```
//!
//! `content` holds the posted bytes, never written anew, so the digest that its sender can compute
//! also holds here. A field that a reader may not ignore needs a new version. An envelope has the
//! lowest version that covers its fields, so an older reader leaves alone what it can't read.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use sportello_domain::{
    AcceptedApplication, Application, ApplicationId, BatchRow, CatalogueVersion, Channel, ContentDigest,
    LetterStamp, OrganisationId, Stamp, Submitter, TaxCode,
};

use crate::item::{HEAD, HEAD_WITH_WITHDRAWALS, Item, wrap};
use crate::place::Place;
use crate::poison::{Frame, Poison, PoisonReason};

pub use parts::{Framed, Part, parts};
pub use submission::{Cover, ItemUnreadable, Submission};
pub use withdrawal::ReceivedWithdrawal;

/// The newest version that is read.
pub const NEWEST_VERSION: u64 = 2;
/// The first version: applications alone.
const OLDEST_VERSION: u64 = 1;

/// Encodes submissions as one envelope: one message, for one channel's queue.
#[must_use]
pub fn encode<'a>(submissions: impl Iterator<Item = &'a Submission> + Clone) -> Vec<u8> {
    let withdrawals = submissions.clone().filter(|one| one.is_withdrawal());
    let applications = submissions.filter(|one| !one.is_withdrawal());
    wrap(
        applications.map(Submission::encoded),
        withdrawals.map(Submission::encoded),
    )
}

/// An application as it was found in an envelope.
#[derive(Debug, Clone)]
pub struct Received {
    /// The application.
    pub application: AcceptedApplication,
    /// The span in which it was accepted, as a W3C `traceparent`.
    pub traceparent: Option<String>,
    place: Place,
    item: Item,
}

impl Received {
    /// Returns an envelope with this application alone, for the dead-letter queue if it fails later
    /// on.
    #[must_use]
    pub fn envelope(&self) -> Vec<u8> {
        self.item.envelope()
    }

    /// Returns the number of its dead letter, where its message has a number.
    #[must_use]
    pub fn letter_stamp(&self) -> Option<LetterStamp> {
        self.place.letter()
    }
}

#[derive(Deserialize)]
struct EnvelopeIn<'a> {
    version: u64,
    #[serde(borrow)]
    applications: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    withdrawals: Vec<&'a RawValue>,
}

/// The envelope in one pass, where every application's frame can be read: nearly always.
#[derive(Deserialize)]
struct GoodEnvelopeIn<'a> {
    version: u64,
    #[serde(borrow)]
    applications: Vec<ItemIn<'a>>,
    #[serde(borrow, default)]
    withdrawals: Vec<&'a RawValue>,
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
    // the name of an earlier intake, for a channel that an operator had opened: its hours are
    // judged as well
    #[serde(default, alias = "opened_by_operator")]
    hours_judged: bool,
    #[serde(default)]
    batch: Option<BatchRow>,
    #[serde(default)]
    traceparent: Option<String>,
    #[serde(borrow)]
    content: &'a RawValue,
}

/// The contents of an envelope.
#[derive(Debug, Default)]
pub struct Decoded {
    /// Applications, in their order.
    pub received: Vec<Received>,
    /// Withdrawals, in their order.
    pub withdrawals: Vec<ReceivedWithdrawal>,
    /// Undecodable parts: single applications or withdrawals, or the message as a whole.
    pub poison: Vec<Poison>,
    items: u32,
}

/// A newer system wrote the envelope: it is to stay in the queue for a reader of that version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the envelope is of version {0}, which needs a newer reader")]
pub struct NewerVersion(pub u64);

/// Why an envelope can't be read as a whole.
enum Unread {
    Newer(NewerVersion),
    Poison(PoisonReason),
}

impl Decoded {
    fn push(&mut self, application: Result<Received, Poison>) {
        let place = self.next_place();
        match application {
            Ok(received) => self.received.push(Received { place, ..received }),
            Err(poison) => self.push_poison(poison, place),
        }
    }

    fn push_poison(&mut self, mut poison: Poison, place: Place) {
        *poison.place_mut() = place;
        self.poison.push(poison);
    }

    fn next_place(&mut self) -> Place {
        let item = Some(self.items);
        self.items = self.items.saturating_add(1);
        Place { message: None, item }
    }

    fn push_withdrawals(&mut self, body: &Bytes, raw: &[&RawValue]) {
        for raw in raw {
            let item = Item::Withdrawal(body.slice(range_within(body, raw.get().as_bytes())));
            let place = self.next_place();
            match withdrawal::decode(item, raw.get()) {
                Ok(withdrawal) => self.withdrawals.push(ReceivedWithdrawal { place, ..withdrawal }),
                Err(poison) => self.push_poison(poison, place),
            }
        }
    }

    /// Notes the number of the message that this was found in.
    #[must_use]
    pub fn of_message(mut self, message: Stamp) -> Self {
        let received = self.received.iter_mut().map(|one| &mut one.place);
        let withdrawals = self.withdrawals.iter_mut().map(|one| &mut one.place);
        let poison = self.poison.iter_mut().map(Poison::place_mut);
        for place in received.chain(withdrawals).chain(poison) {
            place.message = Some(message);
        }
        self
    }

    /// Returns how many items there are, or 1 for a message that can't be read.
    #[must_use]
    pub fn count(&self) -> usize {
        self.received.len() + self.withdrawals.len() + self.poison.len()
    }

    /// Adds the contents of another message.
    pub fn extend(&mut self, other: Self) {
        self.received.extend(other.received);
        self.withdrawals.extend(other.withdrawals);
        self.poison.extend(other.poison);
    }
}

/// Reads a message's body. Each item is decoded on its own; an unreadable envelope is one poison.
///
/// # Errors
/// [`NewerVersion`].
pub fn decode(body: &Bytes) -> Result<Decoded, NewerVersion> {
    decode_up_to(NEWEST_VERSION, body)
}

/// Reads like [`decode`], with `newest` as the newest version.
///
/// # Errors
/// [`NewerVersion`].
pub fn decode_up_to(newest: u64, body: &Bytes) -> Result<Decoded, NewerVersion> {
    let mut decoded = Decoded::default();
    let Some((envelope, items)) = read_good(newest, body) else {
        decode_one_by_one(newest, body, &mut decoded)?;
        return Ok(decoded);
    };
    for (item, raw) in items.into_iter().zip(envelope.applications) {
        decoded.push(decode_raw(item, raw));
    }
    decoded.push_withdrawals(body, &envelope.withdrawals);
    Ok(decoded)
}

/// Reads an envelope and cuts out its applications; `None` where it is not of the form that
/// [`encode`] writes.
fn read_good(newest: u64, body: &Bytes) -> Option<(GoodEnvelopeIn<'_>, Vec<Item>)> {
    let envelope: GoodEnvelopeIn<'_> = serde_json::from_slice(body).ok()?;
    if !(OLDEST_VERSION..=newest).contains(&envelope.version) {
        return None;
    }
    let items = cut_out(body, &envelope.applications)?;
    Some((envelope, items))
}

/// Cuts out each application of a message that has no other bytes before the first, between two, or
/// after the content of one. `None` for any other form.
fn cut_out(message: &Bytes, applications: &[ItemIn<'_>]) -> Option<Vec<Item>> {
    let mut heads = [HEAD, HEAD_WITH_WITHDRAWALS].into_iter();
    let mut begin = heads.find(|head| message.starts_with(head))?.len();
    let mut items = Vec::with_capacity(applications.len());
    for application in applications {
        let content = range_within(message, application.content.get().as_bytes());
        let after = message.get(content.end..content.end + 2)?;
        if message.get(begin) != Some(&b'{') || !matches!(after, b"}," | b"}]") {
            return None;
        }
        items.push(Item::Application(message.slice(begin..content.end + 1)));
        begin = content.end + 2;
    }
    Some(items)
}

fn decode_one_by_one(newest: u64, body: &Bytes, decoded: &mut Decoded) -> Result<(), NewerVersion> {
    let envelope = match read_envelope(newest, body) {
        Ok(envelope) => envelope,
        Err(Unread::Newer(newer)) => return Err(newer),
        Err(Unread::Poison(reason)) => {
            decoded.poison.push(Poison::whole(body.clone(), reason));
            return Ok(());
        }
    };
    let item = |raw: &RawValue| Item::Application(body.slice(range_within(body, raw.get().as_bytes())));
    for raw in envelope.applications {
        decoded.push(decode_item(item(raw), raw.get()));
    }
    decoded.push_withdrawals(body, &envelope.withdrawals);
    Ok(())
}

fn read_envelope(newest: u64, body: &[u8]) -> Result<EnvelopeIn<'_>, Unread> {
    let read = serde_json::from_slice::<EnvelopeIn<'_>>(body);
    let version = match &read {
        Ok(envelope) => Some(envelope.version),
        Err(_) => serde_json::from_slice(body)
            .ok()
            .map(|VersionIn { version }| version),
    };
    match (read, version) {
        (_, Some(version)) if version > newest => Err(Unread::Newer(NewerVersion(version))),
        (_, Some(version)) if version < OLDEST_VERSION => {
            Err(Unread::Poison(PoisonReason::UnknownVersion(version)))
        }
        (Ok(envelope), _) => Ok(envelope),
        (Err(error), _) => Err(Unread::Poison(PoisonReason::envelope(&error))),
    }
}

/// Returns the range of `part`, which was borrowed from `whole`, within it.
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
            place: Place::default(),
            item,
        }),
        Err(reason) => {
            let frame = Frame {
                id: raw.id,
                submitter: submitter(raw.channel, &raw.submitter),
                batch: raw.batch,
            };
            Err(Poison::item(item, Some(frame), reason))
        }
    }
}

fn submitter(channel: Channel, text: &str) -> Option<Submitter> {
    match channel {
        Channel::Citizen => TaxCode::parse(text).map(Submitter::Citizen).ok(),
        Channel::Intermediary => OrganisationId::parse(text).map(Submitter::Intermediary).ok(),
    }
}

fn accepted(raw: &ItemIn<'_>) -> Result<AcceptedApplication, PoisonReason> {
    let submitter = submitter(raw.channel, &raw.submitter).ok_or(PoisonReason::Submitter)?;
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
        hours_judged: raw.hours_judged,
        batch: raw.batch,
        application,
    })
}

mod parts;
mod submission;
mod withdrawal;

#[cfg(test)]
mod tests;
