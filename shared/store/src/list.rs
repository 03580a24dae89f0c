//! A holder's own applications.

use jiff::Timestamp;
use sportello_domain::{
    ApplicationId, BenefitId, CategoryId, OrganisationId, Outcome, ProtocolNumber, Submitter, TaxCode,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::find::known;
use crate::instants;
use crate::page::{ListCursor, Page, PageSize};

/// An application's line in the list of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedApplication {
    /// Its id.
    pub id: ApplicationId,
    /// What is asked for.
    pub benefit: BenefitId,
    /// The group of people, where the benefit has several.
    pub category: Option<CategoryId>,
    /// What was decided.
    pub outcome: Outcome,
    /// When intake accepted it.
    pub received_at: Timestamp,
    /// The number that it was registered under.
    pub protocol: ProtocolNumber,
    /// The application that stands in place of this one, where it has the same holders.
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

/// Before every application of a list.
fn beginning() -> (OffsetDateTime, Uuid) {
    (instants::to_database(Timestamp::MAX), Uuid::max())
}

impl Store {
    /// The holder's own applications, newest first: those that are for a citizen, whoever sent them, or those that an
    /// intermediary sent. Every application listed has its entry in the journal, or there is no list.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a newer version.
    pub async fn list(
        &self,
        holder: &Submitter,
        size: PageSize,
        after: Option<ListCursor>,
    ) -> Result<Page<ListedApplication, ListCursor>, StoreError> {
        let (received_at, id) = after.map_or_else(beginning, |cursor| {
            (instants::to_database(cursor.received_at), cursor.id.into())
        });
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

    /// A citizen sends only for themself, so these are all of theirs.
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
            .map(|category| known(CategoryId::parse(&category), "a category"));
        Ok(ListedApplication {
            id: self.id.into(),
            benefit: known(BenefitId::parse(&self.benefit), "a benefit")?,
            category: category.transpose()?,
            outcome: known(self.outcome.parse(), "an outcome")?,
            received_at: instants::from_database(self.received_at)?,
            protocol: ProtocolNumber {
                year: self.protocol_year,
                number: self.protocol_number,
            },
            stands: self.standing_id.map(ApplicationId::from),
        })
    }
}
