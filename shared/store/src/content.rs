//! What was sent, as it is on the register.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;
use sportello_domain::{
    AccessReason, ApplicationId, BenefitId, CategoryId, ContentDigest, Submitter, TaxCode,
};
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::access::Sought;
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::find::known;
use crate::instants;

/// Who asks for a content.
#[derive(Clone, PartialEq, Eq)]
pub enum ContentReader {
    /// Its holder, if they are.
    Holder(Submitter),
    /// Staff, for a reason.
    Operator {
        /// As the issuer of their token names them. Personal data.
        subject: String,
        /// Why.
        reason: AccessReason,
    },
}

/// What was sent, for whom and with which answers. All texts are as they were when it was registered.
#[derive(Clone, PartialEq)]
pub struct RegisteredContent {
    /// The application's id.
    pub id: ApplicationId,
    /// What is asked for.
    pub benefit: BenefitId,
    /// The group of people, where the benefit has several.
    pub category: Option<CategoryId>,
    /// When intake accepted it.
    pub received_at: Timestamp,
    /// Digest of the content as it was sent.
    pub content_digest: ContentDigest,
    /// What an intermediary acted with.
    pub mandate: Option<String>,
    /// Whom it is for.
    pub tax_code: TaxCode,
    /// The applicant's given name.
    pub given_name: String,
    /// The applicant's family name.
    pub family_name: String,
    /// Where to write.
    pub email: Option<String>,
    /// Where to call.
    pub phone: Option<String>,
    /// Where to pay.
    pub iban: Option<String>,
    /// Answers to the benefit's form.
    pub answers: Value,
}

/// Nobody in particular, since all of it is personal data.
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
    given_name: String,
    family_name: String,
    email: Option<String>,
    phone: Option<String>,
    iban: Option<String>,
    answers: Json<Value>,
}

impl Store {
    /// What was sent, for its holder or for an operator who says why. The entry in the journal is made by the statement
    /// that reads, so there is no answer without it.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a newer version.
    pub async fn content(
        &self,
        id: ApplicationId,
        reader: &ContentReader,
    ) -> Result<Sought<RegisteredContent>, StoreError> {
        Ok(match within_deadline(self.content_row(id, reader)).await? {
            Some(row) if row.readable => Sought::Held(row.read(id)?),
            Some(_) => Sought::Anothers,
            None => self.not_there(id).await?,
        })
    }

    async fn content_row(
        &self,
        id: ApplicationId,
        reader: &ContentReader,
    ) -> Result<Option<Row>, StoreError> {
        let (channel, reader, reason) = match reader {
            ContentReader::Holder(holder) => (Some(holder.channel().as_str()), holder.as_str(), None),
            ContentReader::Operator { subject, reason } => (None, subject.as_str(), Some(reason.as_str())),
        };
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
                insert into access_journal (application_id, role, reader, operation, reason)
                select $1, role, $3, 'content', $4 from role where role is not null
            )
            select
                (select role from role) is not null as "readable!",
                benefit, category, received_at, mandate, tax_code as "tax_code!", given_name as "given_name!",
                family_name as "family_name!", email, phone, iban,
                'sha-256=:' || encode(content_digest, 'base64') || ':' as "content_digest!",
                answers as "answers!: Json<Value>"
            from applications where id = $1 and pseudonymised_at is null
            "#,
            id.as_uuid(),
            channel,
            reader,
            reason,
        );
        Ok(row.fetch_optional(&mut *self.connection().await?).await?)
    }
}

impl Row {
    fn read(self, id: ApplicationId) -> Result<RegisteredContent, StoreError> {
        let category = self
            .category
            .map(|category| known(CategoryId::parse(&category), "a category"));
        Ok(RegisteredContent {
            id,
            benefit: known(BenefitId::parse(&self.benefit), "a benefit")?,
            category: category.transpose()?,
            received_at: instants::from_database(self.received_at)?,
            content_digest: known(self.content_digest.parse(), "a digest")?,
            mandate: self.mandate,
            tax_code: known(TaxCode::parse(&self.tax_code), "a tax code")?,
            given_name: self.given_name,
            family_name: self.family_name,
            email: self.email,
            phone: self.phone,
            iban: self.iban,
            answers: self.answers.0,
        })
    }
}
