//! What became of an application, for its holder.

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
use crate::error::StoreError;
use crate::instants;

/// An application on the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredApplication {
    /// Its id.
    pub id: ApplicationId,
    /// The number that it was registered under.
    pub protocol: ProtocolNumber,
    /// What was decided.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// The application that stands in place of this one, where it has the same submitter and the same applicant: all
    /// who may see this one may see that one.
    pub stands: Option<ApplicationId>,
    /// What is asked for, in cents of a euro; nothing where the benefit is no money.
    pub amount_cents: Option<i64>,
    /// The version of the benefit's file that intake validated it against.
    pub validated_with: CatalogueVersion,
    /// The version of the benefit's file that was decided with.
    pub decided_with: CatalogueVersion,
    /// What is asked for.
    pub benefit: BenefitId,
    /// The group of people, where the benefit has several.
    pub category: Option<CategoryId>,
    /// Who sent it: a holder.
    pub submitter: Submitter,
    /// Whom it is for: a holder.
    pub tax_code: TaxCode,
    /// Digest of the content that stands.
    pub content_digest: ContentDigest,
    /// When intake accepted it.
    pub received_at: Timestamp,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Other contents that were sent under the same idempotency key, in order of receipt.
    pub conflicts: Vec<Conflict>,
    /// What happened to it, in order.
    pub history: Vec<HistoryEntry>,
}

/// Another content that was sent under an idempotency key already used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Conflict {
    /// Digest of that content.
    #[serde(deserialize_with = "digest")]
    pub content_digest: ContentDigest,
    /// When intake accepted it.
    pub received_at: Timestamp,
    /// When the worker met it.
    pub recorded_at: Timestamp,
}

/// One thing that happened to an application.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HistoryEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: HistoryEvent,
    /// What was decided at that moment, where it was.
    pub outcome: Option<Outcome>,
    /// Why.
    pub reason: Option<Reason>,
}

/// What can happen to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryEvent {
    /// It was put on the register.
    Registered,
    /// The same content turned out to have been received earlier: that instant stands.
    ReceivedEarlier,
    /// Another content was sent under the same idempotency key, and did not replace it.
    Conflict,
    /// It was decided otherwise than before: another application turned out to have been received earlier, or the
    /// budget reached further or less far.
    Decided,
}

impl HistoryEvent {
    /// The word for it in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::ReceivedEarlier => "received_earlier",
            Self::Conflict => "conflict",
            Self::Decided => "decided",
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
    conflicts: Json<Vec<Conflict>>,
    history: Json<Vec<HistoryEntry>>,
}

impl Store {
    /// The application with this id, for its holder. The entry in the journal is made by the statement that reads, so
    /// there is no answer without it.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a newer version.
    pub async fn find(
        &self,
        id: ApplicationId,
        holder: &Submitter,
    ) -> Result<Sought<RegisteredApplication>, StoreError> {
        Ok(match within_deadline(self.find_row(id, holder)).await? {
            Some(row) if row.held => Sought::Held(row.read(id)?),
            Some(_) => Sought::Anothers,
            None => self.not_there(id).await?,
        })
    }

    async fn find_row(&self, id: ApplicationId, holder: &Submitter) -> Result<Option<Row>, StoreError> {
        let row = sqlx::query_as!(
            Row,
            r#"
            with noted as (
                insert into access_journal (application_id, role, reader, operation)
                select id, holder_role(channel, submitter, tax_code, $2, $3), $3, 'find' from applications
                where id = $1 and holder_role(channel, submitter, tax_code, $2, $3) is not null
            )
            select
                holder_role(a.channel, a.submitter, a.tax_code, $2, $3) is not null as "held!",
                a.protocol_year, a.protocol_number, a.outcome, a.reason, a.benefit, a.category, a.channel,
                a.submitter as "submitter!", a.tax_code as "tax_code!",
                'sha-256=:' || encode(a.content_digest, 'base64') || ':' as "content_digest!",
                a.received_at, a.registered_at, a.amount_cents, a.validated_with, a.decided_with,
                standing.id as "standing_id?",
                (
                    select coalesce(jsonb_agg(jsonb_build_object(
                        'content_digest', 'sha-256=:' || encode(c.content_digest, 'base64') || ':',
                        'received_at', c.received_at,
                        'recorded_at', c.recorded_at
                    ) order by c.received_at, c.content_digest), '[]')
                    from application_conflicts as c where c.application_id = a.id
                ) as "conflicts!: Json<Vec<Conflict>>",
                (
                    select coalesce(jsonb_agg(jsonb_build_object(
                        'at', h.at, 'event', h.event, 'outcome', h.detail->'outcome', 'reason', h.detail->'reason'
                    ) order by h.entry), '[]')
                    from application_history as h where h.application_id = a.id
                ) as "history!: Json<Vec<HistoryEntry>>"
            from applications as a
            left join applications as standing
                on standing.id = a.standing_id and standing.tax_code = a.tax_code
                and standing.channel = a.channel and standing.submitter = a.submitter
            where a.id = $1 and a.pseudonymised_at is null
            "#,
            id.as_uuid(),
            holder.channel().as_str(),
            holder.as_str(),
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
            outcome: known(self.outcome.parse(), "an outcome")?,
            reason: known(self.reason.parse(), "a reason")?,
            stands: self.standing_id.map(ApplicationId::from),
            amount_cents: self.amount_cents,
            validated_with: known(CatalogueVersion::parse(&self.validated_with), "a version")?,
            decided_with: known(CatalogueVersion::parse(&self.decided_with), "a version")?,
            benefit: known(BenefitId::parse(&self.benefit), "a benefit")?,
            category: self
                .category
                .map(|category| known(CategoryId::parse(&category), "a category"))
                .transpose()?,
            submitter: submitter(&self.channel, &self.submitter)?,
            tax_code: known(TaxCode::parse(&self.tax_code), "a tax code")?,
            content_digest: known(self.content_digest.parse(), "a digest")?,
            received_at: instants::from_database(self.received_at)?,
            registered_at: instants::from_database(self.registered_at)?,
            conflicts: self.conflicts.0,
            history: self.history.0,
        })
    }
}

fn submitter(channel: &str, submitter: &str) -> Result<Submitter, StoreError> {
    Ok(match known(channel.parse(), "a channel")? {
        Channel::Citizen => Submitter::Citizen(known(TaxCode::parse(submitter), "a submitter")?),
        Channel::Intermediary => {
            Submitter::Intermediary(known(OrganisationId::parse(submitter), "a submitter")?)
        }
    })
}

/// A value of the database, parsed.
pub(crate) fn known<T, E>(parsed: Result<T, E>, what: &str) -> Result<T, StoreError> {
    parsed.map_err(|_| StoreError::unreadable(what))
}

fn digest<'de, D: serde::Deserializer<'de>>(from: D) -> Result<ContentDigest, D::Error> {
    String::deserialize(from)?
        .parse()
        .map_err(serde::de::Error::custom)
}
