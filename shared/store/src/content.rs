//! The content of an application, as it is on the register.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use sportello_domain::{
    AccessReason, ApplicationId, BenefitId, CategoryId, ContentDigest, Submitter, TaxCode,
};
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::access::Sought;
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::instants;

/// The reader of a content.
#[derive(Clone, PartialEq, Eq)]
pub enum ContentReader {
    /// A citizen or intermediary; only a holder gets it.
    Holder(Submitter),
    /// Staff, with a reason.
    Operator {
        /// The issuer of their token, 1 to 255 characters.
        issuer: String,
        /// The name that the issuer gives them, 1 to 255 characters. Personal data.
        subject: String,
        /// Reason for the access.
        reason: AccessReason,
    },
}

/// The content of an application. All texts are as they were when it was registered.
#[derive(Clone, PartialEq)]
pub struct RegisteredContent {
    /// The application's id.
    pub id: ApplicationId,
    /// The benefit.
    pub benefit: BenefitId,
    /// The category, if the benefit has categories.
    pub category: Option<CategoryId>,
    /// Instant at which intake accepted it.
    pub received_at: Timestamp,
    /// Digest of the content as it was sent.
    pub content_digest: ContentDigest,
    /// The intermediary's mandate.
    pub mandate: Option<String>,
    /// The applicant's tax code.
    pub tax_code: TaxCode,
    /// The applicant's given name; none for a person with a single name.
    pub given_name: Option<String>,
    /// The applicant's family name, or single name.
    pub family_name: String,
    /// Birthday, if given.
    pub birth_date: Option<Date>,
    /// Email address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Account for the payment.
    pub iban: Option<String>,
    /// Answers to the benefit's form.
    pub answers: Value,
}

/// Shows the id alone: everything else is personal data.
impl fmt::Debug for RegisteredContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegisteredContent({}, ***)", self.id)
    }
}

impl fmt::Debug for ContentReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holder(_) => "Holder(***)",
            Self::Operator { .. } => "Operator(***)",
        })
    }
}

struct Row {
    readable: bool,
    benefit: String,
    category: Option<String>,
    received_at: OffsetDateTime,
    content_digest: String,
    mandate: Option<String>,
    tax_code: String,
    given_name: Option<String>,
    family_name: String,
    birth_date: Option<time::Date>,
    email: Option<String>,
    phone: Option<String>,
    iban: Option<String>,
    answers: Json<Value>,
}

impl Store {
    /// Returns the content to a holder, or to an operator with a reason. The statement that reads
    /// also adds the entry to the journal, so there is no answer without it.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn content(
        &self,
        id: ApplicationId,
        reader: &ContentReader,
    ) -> Result<Sought<RegisteredContent>, StoreError> {
        Ok(match within_deadline(self.content_row(id, reader)).await? {
            Some(row) if row.readable => Sought::Held(row.read(id)?),
            found => self.not_held(id, found.is_some()).await?,
        })
    }

    async fn content_row(
        &self,
        id: ApplicationId,
        reader: &ContentReader,
    ) -> Result<Option<Row>, StoreError> {
        let (channel, reader, operator) = reader.parts();
        let (reason, issuer) = operator.unzip();
        let row = sqlx::query_as!(
            Row,
            r#"
            with role as (
                -- whoever gives a reason is an operator: nobody else is asked for one
                select case when $4::text is not null then 'operator'
                    else holder_role(channel, submitter, tax_code, $2, $3) end as role
                from applications where id = $1 and pseudonymised_at is null
            ),
            noted as (
                insert into access_journal (application_id, role, reader, issuer, operation, reason)
                select $1, role, $3, $5, 'content', $4 from role where role is not null
            )
            select
                (select role from role) is not null as "readable!",
                benefit, category, received_at, mandate, tax_code as "tax_code!", given_name,
                family_name as "family_name!", birth_date, email, phone, iban,
                'sha-256=:' || encode(content_digest, 'base64') || ':' as "content_digest!",
                answers as "answers!: Json<Value>"
            from applications where id = $1 and pseudonymised_at is null
            "#,
            id.as_uuid(),
            channel,
            reader,
            reason,
            issuer,
        );
        Ok(row.fetch_optional(&mut *self.connection().await?).await?)
    }
}

impl Store {
    /// As [`Store::content`], for another content sent under the same idempotency key. Conflicts
    /// recorded before contents were kept whole are missing.
    ///
    /// # Errors
    /// As [`Store::content`].
    pub async fn conflict_content(
        &self,
        id: ApplicationId,
        digest: &ContentDigest,
        reader: &ContentReader,
    ) -> Result<Sought<RegisteredContent>, StoreError> {
        Ok(
            match within_deadline(self.conflict_row(id, digest, reader)).await? {
                Some(row) if row.readable => Sought::Held(row.read(id)?),
                found => self.not_held(id, found.is_some()).await?,
            },
        )
    }

    async fn conflict_row(
        &self,
        id: ApplicationId,
        digest: &ContentDigest,
        reader: &ContentReader,
    ) -> Result<Option<Row>, StoreError> {
        let (channel, reader, operator) = reader.parts();
        let (reason, issuer) = operator.unzip();
        let row = sqlx::query_as!(
            Row,
            r#"
            with role as (
                select case when $4::text is not null then 'operator'
                    else holder_role(channel, submitter, tax_code, $2, $3) end as role
                from applications where id = $1 and pseudonymised_at is null
            ),
            found as (
                select c.*, a.tax_code from application_conflicts as c join applications as a on a.id = c.application_id
                where c.application_id = $1 and c.content_digest = $5 and c.answers is not null
            ),
            noted as (
                insert into access_journal (application_id, role, reader, issuer, operation, reason)
                select $1, role, $3, $6, 'content', $4 from role where role is not null and exists (select from found)
            )
            select
                (select role from role) is not null as "readable!",
                benefit, category, received_at, mandate, tax_code as "tax_code!", given_name,
                family_name as "family_name!", birth_date, email, phone, iban,
                'sha-256=:' || encode(content_digest, 'base64') || ':' as "content_digest!",
                answers as "answers!: Json<Value>"
            from found
            "#,
            id.as_uuid(),
            channel,
            reader,
            reason,
            digest.as_bytes().as_slice(),
            issuer,
        );
        Ok(row.fetch_optional(&mut *self.connection().await?).await?)
    }
}

impl ContentReader {
    /// Returns the channel, the reader, and an operator's reason and issuer.
    fn parts(&self) -> (Option<&str>, &str, Option<(&str, &str)>) {
        match self {
            Self::Holder(holder) => (Some(holder.channel().as_str()), holder.as_str(), None),
            Self::Operator {
                issuer,
                subject,
                reason,
            } => (None, subject.as_str(), Some((reason.as_str(), issuer.as_str()))),
        }
    }
}

impl Row {
    fn read(self, id: ApplicationId) -> Result<RegisteredContent, StoreError> {
        let category = self
            .category
            .map(|category| stored(CategoryId::parse(&category), "a category"));
        Ok(RegisteredContent {
            id,
            benefit: stored(BenefitId::parse(&self.benefit), "a benefit")?,
            category: category.transpose()?,
            received_at: instants::from_database(self.received_at)?,
            content_digest: stored(self.content_digest.parse(), "a digest")?,
            mandate: self.mandate,
            tax_code: stored(TaxCode::parse(&self.tax_code), "a tax code")?,
            given_name: self.given_name,
            family_name: self.family_name,
            birth_date: self.birth_date.map(instants::date_from_database).transpose()?,
            email: self.email,
            phone: self.phone,
            iban: self.iban,
            answers: self.answers.0,
        })
    }
}
