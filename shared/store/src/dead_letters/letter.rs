//! A letter as operators see it in lists: without its content.

use std::fmt;

use jiff::Timestamp;
use sportello_domain::{
    ApplicationId, BenefitId, Channel, ContentDigest, DeadLetterReason, LetterId, RequeueJobId,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::words::{Holds, LetterEvent, LetterSource, LetterState};
use crate::error::{StoreError, stored};
use crate::instants;

/// A member of staff, by the name that their issuer gives them. Personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Operator {
    /// The issuer of their token, 1 to 255 characters.
    pub issuer: String,
    /// Their name at the issuer, 1 to 255 characters.
    pub subject: String,
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Operator(***)")
    }
}

impl Operator {
    /// Joins what the database keeps; `None` where a program made the change.
    pub(super) fn of(issuer: Option<String>, subject: Option<String>) -> Option<Self> {
        let (issuer, subject) = issuer.zip(subject)?;
        Some(Self { issuer, subject })
    }
}

/// A dead letter without its content: nothing in it leads to a person but the application's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id.
    pub id: LetterId,
    /// Where it comes from.
    pub source: LetterSource,
    /// What it holds.
    pub holds: Holds,
    /// The channel that it came by.
    pub channel: Channel,
    /// The letter that was sent again and came back as this one.
    pub returned_from: Option<LetterId>,
    /// The letter that this one came back as.
    pub returned_as: Option<LetterId>,
    /// Applications that it counts for.
    pub applications: u32,
    /// The application's id, where it can be read.
    pub application_id: Option<ApplicationId>,
    /// The benefit, where it can be read.
    pub benefit: Option<BenefitId>,
    /// Why it is a dead letter.
    pub reason: DeadLetterReason,
    /// The reason in words, without personal data.
    pub detail: String,
    /// Instant at which intake accepted it, where it can be read.
    pub received_at: Option<Timestamp>,
    /// Instant at which it became a dead letter.
    pub dead_lettered_at: Timestamp,
    /// Digest of the content as it was accepted, where it can be read.
    pub sent_digest: Option<ContentDigest>,
    /// Digest of the content as an operator mended it, and when.
    pub mended: Option<(ContentDigest, Timestamp)>,
    /// What has become of it.
    pub state: LetterState,
    /// Grows with each change; a change names the one that it is made on.
    pub version: i32,
    /// Instant of the last change.
    pub changed_at: Timestamp,
    /// The operator who made the last change, and why; none where a program made it.
    pub changed_by: Option<(Operator, String)>,
    /// The last job that it was in.
    pub job: Option<RequeueJobId>,
}

/// An entry of a letter's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterEntry {
    /// Instant.
    pub at: Timestamp,
    /// What happened.
    pub event: LetterEvent,
    /// The operator, and why; none where a program did it.
    pub by: Option<(Operator, String)>,
}

/// Which letters a list shows; without any of these, all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LetterFilter {
    /// Only this state.
    pub state: Option<LetterState>,
    /// Only from there.
    pub source: Option<LetterSource>,
    /// Only this reason.
    pub reason: Option<DeadLetterReason>,
    /// Only this benefit.
    pub benefit: Option<BenefitId>,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Only this application.
    pub application_id: Option<ApplicationId>,
    /// Only those that became dead letters at this instant or later.
    pub from: Option<Timestamp>,
    /// Only those that became dead letters before this instant.
    pub until: Option<Timestamp>,
}

/// The columns of [`DeadLetter`].
pub(super) struct LetterRow {
    pub(super) id: Uuid,
    pub(super) source: String,
    pub(super) holds: String,
    pub(super) channel: String,
    pub(super) returned_from: Option<Uuid>,
    pub(super) returned_as: Option<Uuid>,
    pub(super) applications: i32,
    pub(super) application_id: Option<Uuid>,
    pub(super) benefit: Option<String>,
    pub(super) reason: String,
    pub(super) detail: String,
    pub(super) received_at: Option<OffsetDateTime>,
    pub(super) dead_lettered_at: OffsetDateTime,
    pub(super) sent_digest: Option<String>,
    pub(super) mended_digest: Option<String>,
    pub(super) mended_at: Option<OffsetDateTime>,
    pub(super) state: String,
    pub(super) version: i32,
    pub(super) changed_at: OffsetDateTime,
    pub(super) author_issuer: Option<String>,
    pub(super) author: Option<String>,
    pub(super) note: Option<String>,
    pub(super) job_id: Option<Uuid>,
    pub(super) more: bool,
}

impl LetterRow {
    pub(super) fn read(self) -> Result<DeadLetter, StoreError> {
        let mended_digest = self.mended_digest.as_deref().map(digest).transpose()?;
        let mended_at = self.mended_at.map(instants::from_database).transpose()?;
        let benefit = self
            .benefit
            .map(|benefit| stored(BenefitId::parse(&benefit), "a benefit"));
        Ok(DeadLetter {
            id: self.id.into(),
            source: stored(self.source.parse(), "a source of letters")?,
            holds: stored(self.holds.parse(), "a kind of letter")?,
            channel: stored(self.channel.parse(), "a channel")?,
            returned_from: self.returned_from.map(LetterId::from),
            returned_as: self.returned_as.map(LetterId::from),
            applications: stored(self.applications.try_into(), "a number of applications")?,
            application_id: self.application_id.map(ApplicationId::from),
            benefit: benefit.transpose()?,
            reason: stored(self.reason.parse(), "a reason of a dead letter")?,
            detail: self.detail,
            received_at: self.received_at.map(instants::from_database).transpose()?,
            dead_lettered_at: instants::from_database(self.dead_lettered_at)?,
            sent_digest: self.sent_digest.as_deref().map(digest).transpose()?,
            mended: mended_digest.zip(mended_at),
            state: stored(self.state.parse(), "a state of a letter")?,
            version: self.version,
            changed_at: instants::from_database(self.changed_at)?,
            changed_by: Operator::of(self.author_issuer, self.author).zip(self.note),
            job: self.job_id.map(RequeueJobId::from),
        })
    }
}

fn digest(text: &str) -> Result<ContentDigest, StoreError> {
    stored(text.parse(), "a digest")
}
