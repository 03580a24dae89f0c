//! The decision on an application, for its holder.

use jiff::Timestamp;
use serde::Deserialize;
use sportello_domain::{
    ApplicationId, BenefitId, CatalogueVersion, CategoryId, Channel, ContentDigest, OrganisationId, Outcome,
    ProtocolNumber, Reason, Submitter, TaxCode,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::access::Sought;
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::instants;

/// Most conflicts in an answer (the newest): others can add conflicts and must not make an answer
/// too heavy.
const CONFLICTS: i64 = 20;
/// Most entries of the history in an answer (the newest).
const HISTORY: i64 = 100;

/// An application on the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredApplication {
    /// Its id.
    pub id: ApplicationId,
    /// Its protocol number.
    pub protocol: ProtocolNumber,
    /// The decision.
    pub outcome: Outcome,
    /// Reason for the decision.
    pub reason: Reason,
    /// The application that stands in place of this one, if submitter and applicant are the same:
    /// every reader of this one may then read that one.
    pub stands: Option<ApplicationId>,
    /// The amount asked for, in cents of a euro; none if the benefit is not money.
    pub amount_cents: Option<i64>,
    /// The version of the benefit's file that intake validated it against.
    pub validated_with: CatalogueVersion,
    /// The version of the benefit's file used for the decision.
    pub decided_with: CatalogueVersion,
    /// The benefit.
    pub benefit: BenefitId,
    /// The category, if the benefit has categories.
    pub category: Option<CategoryId>,
    /// The sender: a holder.
    pub submitter: Submitter,
    /// The applicant: a holder.
    pub tax_code: TaxCode,
    /// Digest of the content that stands.
    pub content_digest: ContentDigest,
    /// The content that was sent, if an operator mended it.
    pub mended: Option<MendedContent>,
    /// Instant at which intake accepted it.
    pub received_at: Timestamp,
    /// Instant of its registration.
    pub registered_at: Timestamp,
    /// Other contents that were sent under the same idempotency key, in order of receipt: the last
    /// 20.
    pub conflicts: Vec<Conflict>,
    /// Its history, in order: the last 100 entries.
    pub history: Vec<HistoryEntry>,
}

/// What an operator did to the content of a dead letter before it was registered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MendedContent {
    /// Digest of the content as it was sent: the one in the receipt.
    #[serde(deserialize_with = "digest")]
    pub sent_digest: ContentDigest,
    /// Instant at which the operator mended it.
    pub at: Timestamp,
}

/// Another content that was sent under an idempotency key already used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Conflict {
    /// Digest of that content.
    #[serde(deserialize_with = "digest")]
    pub content_digest: ContentDigest,
    /// Instant at which intake accepted it.
    pub received_at: Timestamp,
    /// Instant at which the worker recorded it.
    pub recorded_at: Timestamp,
}

/// One event in an application's history.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HistoryEntry {
    /// Instant of the event.
    pub at: Timestamp,
    /// Kind of event.
    pub event: HistoryEvent,
    /// The decision at that moment, if there was one.
    pub outcome: Option<Outcome>,
    /// Reason for the decision.
    pub reason: Option<Reason>,
}

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryEvent {
    /// It was put on the register.
    Registered,
    /// The same content had been received earlier: that instant counts.
    ReceivedEarlier,
    /// Another content was sent under the same idempotency key, and was received later.
    Conflict,
    /// Another content under the same idempotency key had been received earlier: it is now the
    /// application, and the previous content is a conflict.
    Replaced,
    /// The decision changed: another application had been received earlier, or the budget's end
    /// moved.
    Decided,
    /// An operator had mended its content, which could not be registered as it was sent.
    Mended,
}

impl HistoryEvent {
    /// Returns the word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::ReceivedEarlier => "received_earlier",
            Self::Conflict => "conflict",
            Self::Replaced => "replaced",
            Self::Decided => "decided",
            Self::Mended => "mended",
        }
    }
}

struct Row {
    held: bool,
    protocol_year: i16,
    protocol_number: i64,
    outcome: String,
    reason: String,
    standing_id: Option<Uuid>,
    amount_cents: Option<i64>,
    validated_with: String,
    decided_with: String,
    benefit: String,
    category: Option<String>,
    channel: String,
    submitter: String,
    tax_code: String,
    content_digest: String,
    received_at: time::OffsetDateTime,
    registered_at: time::OffsetDateTime,
    mended: Option<Json<MendedContent>>,
    conflicts: Json<Vec<Conflict>>,
    history: Json<Vec<HistoryEntry>>,
}

impl Store {
    /// Returns the application to its holder. The statement that reads also adds the entry to the
    /// journal, so there is no answer without it.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn find(
        &self,
        id: ApplicationId,
        holder: &Submitter,
    ) -> Result<Sought<RegisteredApplication>, StoreError> {
        Ok(match within_deadline(self.find_row(id, holder)).await? {
            Some(row) if row.held => Sought::Held(row.read(id)?),
            found => self.not_held(id, found.is_some()).await?,
        })
    }

    async fn find_row(&self, id: ApplicationId, holder: &Submitter) -> Result<Option<Row>, StoreError> {
        let row = sqlx::query_file_as!(
            Row,
            "src/find.sql",
            id.as_uuid(),
            holder.channel().as_str(),
            holder.as_str(),
            CONFLICTS,
            HISTORY,
        )
        .fetch_optional(&mut *self.connection().await?)
        .await?;
        Ok(row)
    }
}

impl Row {
    fn read(self, id: ApplicationId) -> Result<RegisteredApplication, StoreError> {
        Ok(RegisteredApplication {
            id,
            protocol: ProtocolNumber {
                year: self.protocol_year,
                number: self.protocol_number,
            },
            outcome: stored(self.outcome.parse(), "an outcome")?,
            reason: stored(self.reason.parse(), "a reason")?,
            stands: self.standing_id.map(ApplicationId::from),
            amount_cents: self.amount_cents,
            validated_with: stored(CatalogueVersion::parse(&self.validated_with), "a version")?,
            decided_with: stored(CatalogueVersion::parse(&self.decided_with), "a version")?,
            benefit: stored(BenefitId::parse(&self.benefit), "a benefit")?,
            category: self
                .category
                .map(|category| stored(CategoryId::parse(&category), "a category"))
                .transpose()?,
            submitter: submitter(&self.channel, &self.submitter)?,
            tax_code: stored(TaxCode::parse(&self.tax_code), "a tax code")?,
            content_digest: stored(self.content_digest.parse(), "a digest")?,
            mended: self.mended.map(|mended| mended.0),
            received_at: instants::from_database(self.received_at)?,
            registered_at: instants::from_database(self.registered_at)?,
            conflicts: self.conflicts.0,
            history: self.history.0,
        })
    }
}

fn submitter(channel: &str, submitter: &str) -> Result<Submitter, StoreError> {
    Ok(match stored(channel.parse(), "a channel")? {
        Channel::Citizen => Submitter::Citizen(stored(TaxCode::parse(submitter), "a submitter")?),
        Channel::Intermediary => {
            Submitter::Intermediary(stored(OrganisationId::parse(submitter), "a submitter")?)
        }
    })
}

fn digest<'de, D: serde::Deserializer<'de>>(from: D) -> Result<ContentDigest, D::Error> {
    String::deserialize(from)?
        .parse()
        .map_err(serde::de::Error::custom)
}
