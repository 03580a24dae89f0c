//! What became of the applications that an intermediary sent at once.

use std::collections::{BTreeMap, BTreeSet};

use sportello_domain::{ApplicationId, BatchId, Outcome, Reason, Submitter};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::batch::Registrable;
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;

/// How many of a batch are on the register.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchTally {
    /// Rows whose application is on the register. A key that was used in two rows makes one application with both.
    pub rows: u64,
    /// Applications of each outcome; those that no application has are left out.
    pub applications: BTreeMap<&'static str, u64>,
}

impl BatchTally {
    /// How many applications have this outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.applications
            .get(outcome.as_str())
            .copied()
            .unwrap_or_default()
    }
}

/// An application's place in a batch. In the order in which a batch is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchPlace {
    /// The row, from 1.
    pub row: u32,
    /// The application.
    pub id: ApplicationId,
}

/// What was decided on an application of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedApplication {
    /// Which application, and where it stands.
    pub place: BatchPlace,
    /// What was decided.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

struct Row {
    row: i32,
    application_id: Uuid,
    outcome: String,
    reason: String,
}

/// Says in which row of which batch the applications stood, of those that came in one. All of them are on the
/// register by now, those that are new in this transaction too.
pub(crate) async fn insert_batch_rows(
    transaction: &mut PgTransaction<'_>,
    sent: &[Registrable<'_>],
) -> Result<(), StoreError> {
    let places = sent.iter().filter_map(|sent| {
        let batch = sent.application.batch?;
        Some((*sent.id().as_uuid(), *batch.id.as_uuid(), in_database(batch.row)))
    });
    // each once, and every worker in the same order
    let places: BTreeSet<(Uuid, Uuid, i32)> = places.collect();
    if places.is_empty() {
        return Ok(());
    }
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    columns.extend(places);
    let (applications, batches, rows) = columns;
    sqlx::query!(
        "
        insert into batch_rows (application_id, batch_id, row)
        select * from unnest($1::uuid[], $2::uuid[], $3::integer[])
        on conflict do nothing
        ",
        &applications,
        &batches,
        &rows,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Store {
    /// How many of a batch of this sender's are on the register; nothing where none is.
    ///
    /// It looks at every application of the batch.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a newer version.
    pub async fn batch_tally(
        &self,
        batch: BatchId,
        sender: &Submitter,
    ) -> Result<Option<BatchTally>, StoreError> {
        let counted = within_deadline(async {
            let counted = sqlx::query!(
                r#"
                with sent as materialized (select row, application_id from batch_rows where batch_id = $1)
                select outcome, count(*) as "applications!", (select count(distinct row) from sent) as "rows!"
                from applications
                where id in (select application_id from sent) and channel = $2 and submitter = $3
                group by outcome
                "#,
                batch.as_uuid(),
                sender.channel().as_str(),
                sender.as_str(),
            );
            Ok(counted.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        let Some(first) = counted.first() else {
            return Ok(None);
        };
        let rows = natural(first.rows);
        let applications = counted.iter().map(|counted| {
            let outcome = outcome(&counted.outcome)?;
            Ok((outcome.as_str(), natural(counted.applications)))
        });
        let applications = applications.collect::<Result<_, StoreError>>()?;
        Ok(Some(BatchTally { rows, applications }))
    }

    /// The applications of a batch of this sender's that come after a place, or the first ones, in order, `limit` at
    /// most; fewer than that are the last. Those that are not `registered`, which are what is shown of a batch, have an
    /// entry in their journal then.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a newer version.
    pub async fn batch_page(
        &self,
        batch: BatchId,
        sender: &Submitter,
        after: Option<BatchPlace>,
        limit: u32,
    ) -> Result<Vec<PlacedApplication>, StoreError> {
        // before every place: rows count from 1
        let (row, id) = after.map_or((0, Uuid::nil()), |after| {
            (in_database(after.row), after.id.into())
        });
        let rows = within_deadline(async {
            let rows = sqlx::query_as!(
                Row,
                r#"
                with page as materialized (
                    select b.row, b.application_id, a.outcome, a.reason
                    from batch_rows as b join applications as a on a.id = b.application_id
                    where b.batch_id = $1 and (b.row, b.application_id) > ($2, $3)
                        and a.channel = $4 and a.submitter = $5
                    order by b.row, b.application_id limit $6
                ),
                noted as (
                    insert into access_journal (application_id, role, reader, operation)
                    select distinct application_id, 'submitter', $5, 'list' from page where outcome <> 'registered'
                )
                select row as "row!", application_id as "application_id!", outcome as "outcome!", reason as "reason!"
                from page order by row, application_id
                "#,
                batch.as_uuid(),
                row,
                id,
                sender.channel().as_str(),
                sender.as_str(),
                i64::from(limit),
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        rows.into_iter().map(Row::read).collect()
    }
}

impl Row {
    fn read(self) -> Result<PlacedApplication, StoreError> {
        Ok(PlacedApplication {
            place: BatchPlace {
                row: u32::try_from(self.row).unwrap_or_default(),
                id: self.application_id.into(),
            },
            outcome: outcome(&self.outcome)?,
            reason: (self.reason.parse()).map_err(|_| StoreError::unreadable("a reason"))?,
        })
    }
}

fn outcome(word: &str) -> Result<Outcome, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("an outcome"))
}

/// No file has so many rows.
fn in_database(row: u32) -> i32 {
    i32::try_from(row).unwrap_or(i32::MAX)
}

fn natural(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
