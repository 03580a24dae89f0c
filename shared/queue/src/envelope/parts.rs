//! The parts of an envelope, for dead letters: each with its frame, its content unread.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::value::RawValue;
use sportello_domain::{
    ApplicationId, BatchRow, BenefitId, CatalogueVersion, Channel, Content, ContentDigest, Submitter,
};

use super::withdrawal::WithdrawalIn;
use super::{Cover, ItemIn, NEWEST_VERSION, Submission, encode, range_within, read_envelope, submitter};
use crate::item::Item;

/// A part of an envelope, with an envelope of its own, byte for byte.
#[derive(Debug, Clone)]
pub enum Part {
    /// An application whose frame can be read.
    Application(Framed, Vec<u8>),
    /// A withdrawal: the application's id, its channel, and when it was asked for.
    Withdrawal(ApplicationId, Channel, Timestamp, Vec<u8>),
    /// Its frame can't be read.
    Unreadable(Vec<u8>),
}

/// The frame of an application, and its content as it was sent.
#[derive(Clone)]
pub struct Framed {
    /// The application's id.
    pub id: ApplicationId,
    /// Its channel.
    pub channel: Channel,
    /// The sender, where it is one of the channel.
    pub submitter: Option<Submitter>,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// Digest of the content as it was accepted, where it can be read.
    pub content_digest: Option<ContentDigest>,
    /// The benefit that the content names, where it can be read.
    pub benefit: Option<BenefitId>,
    hours_judged: bool,
    batch: Option<BatchRow>,
    traceparent: Option<String>,
    content: Bytes,
}

/// Shows no content.
impl fmt::Debug for Framed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Framed({} bytes)", self.content.len())
    }
}

/// Takes an envelope apart. `None` where it is none, or of a version that this program can't read.
#[must_use]
pub fn parts(body: &Bytes) -> Option<Vec<Part>> {
    let envelope = read_envelope(NEWEST_VERSION, body).ok()?;
    let slice = |raw: &RawValue| body.slice(range_within(body, raw.get().as_bytes()));
    let applications = envelope.applications.iter();
    let applications = applications.map(|raw| application(body, Item::Application(slice(raw)), raw.get()));
    let withdrawals = envelope.withdrawals.iter();
    let withdrawals = withdrawals.map(|raw| withdrawal(&Item::Withdrawal(slice(raw)), raw.get()));
    Some(applications.chain(withdrawals).collect())
}

fn application(body: &Bytes, item: Item, json: &str) -> Part {
    let envelope = item.envelope();
    let Ok(raw) = serde_json::from_str::<ItemIn<'_>>(json) else {
        return Part::Unreadable(envelope);
    };
    let content = body.slice(range_within(body, raw.content.get().as_bytes()));
    let framed = Framed {
        id: raw.id,
        channel: raw.channel,
        submitter: submitter(raw.channel, &raw.submitter),
        received_at: raw.received_at,
        content_digest: raw.content_digest.parse().ok(),
        benefit: benefit(&content),
        hours_judged: raw.hours_judged,
        batch: raw.batch,
        traceparent: raw.traceparent,
        content,
    };
    Part::Application(framed, envelope)
}

fn withdrawal(item: &Item, json: &str) -> Part {
    match serde_json::from_str::<WithdrawalIn<'_>>(json) {
        Ok(raw) => Part::Withdrawal(raw.id, raw.channel, raw.requested_at, item.envelope()),
        Err(_) => Part::Unreadable(item.envelope()),
    }
}

/// Reads the benefit of a content that may be wrong in any other way.
fn benefit(content: &[u8]) -> Option<BenefitId> {
    let content: serde_json::Value = serde_json::from_slice(content).ok()?;
    BenefitId::parse(content.get("benefit")?.as_str()?).ok()
}

impl Framed {
    /// Returns the content as it was sent. Personal data.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Returns an envelope with another content in the same frame, and the content's digest. `None`
    /// where the sender can't be read.
    #[must_use]
    pub fn with_content(
        &self,
        content: Content<'_>,
        validated_with: &CatalogueVersion,
    ) -> Option<(Vec<u8>, ContentDigest)> {
        let cover = Cover {
            id: self.id,
            submitter: self.submitter.as_ref()?,
            received_at: self.received_at,
            validated_with,
            hours_judged: self.hours_judged,
            batch: self.batch,
            traceparent: self.traceparent.as_deref(),
        };
        let (submission, digest) = Submission::new(&cover, content).ok()?;
        Some((encode(std::iter::once(&submission)), digest))
    }
}
