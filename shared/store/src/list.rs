//! A holder's own applications.

use jiff::Timestamp;
use sportello_domain::{
    ApplicationId, BenefitId, CategoryId, OrganisationId, Outcome, ProtocolNumber, Submitter, TaxCode,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::instants;
use crate::page::{ListCursor, Page, PageSize};

/// An application's line in the list of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedApplication {
    /// Its id.
    pub id: ApplicationId,
    /// The benefit.
    pub benefit: BenefitId,
    /// The category, if the benefit has categories.
    pub category: Option<CategoryId>,
    /// The decision.
    pub outcome: Outcome,
    /// Instant at which intake accepted it.
    pub received_at: Timestamp,
    /// Its protocol number.
    pub protocol: ProtocolNumber,
    /// The application that stands in place of this one, if it has the same holders.
    pub stands: Option<ApplicationId>,
}

struct Row {
    id: Uuid,
    benefit: String,
    category: Option<String>,
    outcome: String,
    received_at: OffsetDateTime,
    protocol_year: i16,
    protocol_number: i64,
    standing_id: Option<Uuid>,
    more: bool,
}

/// Returns the place before every application of a list.
fn beginning() -> (Timestamp, Uuid) {
    (Timestamp::MAX, Uuid::max())
}

impl Store {
    /// Returns the holder's applications, newest first: those for a citizen, by any sender, or
    /// those sent by an intermediary. Every listed application gets an entry in the journal, or the
    /// call fails.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn list(
        &self,
        holder: &Submitter,
        size: PageSize,
        after: Option<ListCursor>,
    ) -> Result<Page<ListedApplication, ListCursor>, StoreError> {
        let (received_at, id) = after.map_or_else(beginning, |cursor| (cursor.received_at, cursor.id.into()));
        let received_at = instants::to_database(received_at)?;
        let rows = within_deadline(async {
            match holder {
                Submitter::Citizen(tax_code) => self.of_applicant(tax_code, received_at, id, size).await,
                Submitter::Intermediary(organisation) => {
                    self.of_intermediary(organisation, received_at, id, size).await
                }
            }
        })
        .await?;
        let more = rows.last().is_some_and(|row| row.more);
        let items = rows.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more).map(|last| ListCursor {
            received_at: last.received_at,
            id: last.id,
        });
        Ok(Page { items, next })
    }

    /// Reads a citizen's applications: citizens send only for themselves, so these are all of
    /// theirs.
    async fn of_applicant(
        &self,
        tax_code: &TaxCode,
        before: OffsetDateTime,
        before_id: Uuid,
        size: PageSize,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query_file_as!(
            Row,
            "src/list_of_applicant.sql",
            tax_code.as_str(),
            before,
            before_id,
            size.get()
        );
        Ok(rows.fetch_all(&mut *self.connection().await?).await?)
    }

    async fn of_intermediary(
        &self,
        organisation: &OrganisationId,
        before: OffsetDateTime,
        before_id: Uuid,
        size: PageSize,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query_file_as!(
            Row,
            "src/list_of_intermediary.sql",
            organisation.as_str(),
            before,
            before_id,
            size.get()
        );
        Ok(rows.fetch_all(&mut *self.connection().await?).await?)
    }
}

impl Row {
    fn read(self) -> Result<ListedApplication, StoreError> {
        let category = self
            .category
            .map(|category| stored(CategoryId::parse(&category), "a category"));
        Ok(ListedApplication {
            id: self.id.into(),
            benefit: stored(BenefitId::parse(&self.benefit), "a benefit")?,
            category: category.transpose()?,
            outcome: stored(self.outcome.parse(), "an outcome")?,
            received_at: instants::from_database(self.received_at)?,
            protocol: ProtocolNumber {
                year: self.protocol_year,
                number: self.protocol_number,
            },
            stands: self.standing_id.map(ApplicationId::from),
        })
    }
}
