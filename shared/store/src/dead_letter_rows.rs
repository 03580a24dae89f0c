//! Rows of batches whose applications went to the dead letters.

use sportello_domain::{ApplicationId, BatchRow, OrganisationId};

use crate::batch_rows::in_database;
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;

/// A row of a batch whose application goes to the dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterRow {
    /// Its batch and row.
    pub batch: BatchRow,
    /// The application.
    pub application: ApplicationId,
    /// The organisation that sent it.
    pub submitter: OrganisationId,
}

impl Store {
    /// Records rows. Repeated calls add nothing. [`Store::batch_tally`] counts them until they are
    /// on the register.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Fail`] for an impossible row
    /// number.
    pub async fn record_dead_letters(&self, rows: &[DeadLetterRow]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let places = rows.iter().map(|one| in_database(one.batch.row));
        let places = places.collect::<Result<Vec<i32>, StoreError>>()?;
        let batches: Vec<_> = rows.iter().map(|one| *one.batch.id.as_uuid()).collect();
        let applications: Vec<_> = rows.iter().map(|one| *one.application.as_uuid()).collect();
        let submitters: Vec<_> = rows.iter().map(|one| one.submitter.as_str().to_owned()).collect();
        within_deadline(async {
            let insert = sqlx::query!(
                "
                insert into dead_letter_rows (batch_id, row, application_id, submitter)
                select * from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[]) order by 1, 2, 3
                on conflict do nothing
                ",
                &batches,
                &places,
                &applications,
                &submitters,
            );
            insert.execute(&mut *self.connection().await?).await?;
            Ok(())
        })
        .await
    }
}
