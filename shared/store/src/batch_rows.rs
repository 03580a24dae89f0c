//! The results of a batch that an intermediary uploaded.

use std::collections::{BTreeMap, BTreeSet};

use sportello_domain::{ApplicationId, BatchId, Outcome, Reason, Submitter};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::registrable::Registrable;

/// Counts of a batch's results.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchTally {
    /// Rows whose content is on the register (conflicts included) or in the dead letters.
    pub rows: u64,
    /// Rows that repeat key and content of an earlier row: both make one application.
    pub repeated: u64,
    /// Rows whose content is in the dead letters and not on the register.
    pub dead_lettered: u64,
    /// Number of applications of each outcome, and of conflicts. Outcomes without any are left out.
    pub applications: BTreeMap<&'static str, u64>,
}

impl BatchTally {
    /// Returns the number of applications with this outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.applications
            .get(outcome.as_str())
            .copied()
            .unwrap_or_default()
    }
}

/// An application's place in a batch. Orders as the batch is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchPlace {
    /// The row, from 1.
    pub row: u32,
    /// The application.
    pub id: ApplicationId,
}

/// The decision on an application of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedApplication {
    /// The application and its row.
    pub place: BatchPlace,
    /// The decision.
    pub outcome: Outcome,
    /// Reason for the outcome.
    pub reason: Reason,
}

/// The counts of a batch, with the number of one outcome if there is any.
struct Counted {
    rows: i64,
    repeated: i64,
    dead_lettered: i64,
    outcome: Option<String>,
    applications: Option<i64>,
}

struct Row {
    row: i32,
    application_id: Uuid,
    outcome: String,
    reason: String,
}

/// Records the batch and row of applications that came in a batch. All of them are on the register
/// by now, those that this transaction added too.
pub(crate) async fn insert_batch_rows(
    transaction: &mut PgTransaction<'_>,
    sent: &[Registrable<'_>],
) -> Result<(), StoreError> {
    let (applications, batches, rows, _) = columns(sent)?;
    if applications.is_empty() {
        return Ok(());
    }
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

/// Records the batch and row of contents that are conflicts.
pub(crate) async fn insert_conflict_rows(
    transaction: &mut PgTransaction<'_>,
    sent: &[Registrable<'_>],
) -> Result<(), StoreError> {
    let (applications, batches, rows, digests) = columns(sent)?;
    if applications.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "
        insert into conflict_rows (application_id, batch_id, row, content_digest)
        select * from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::bytea[])
        on conflict do nothing
        ",
        &applications,
        &batches,
        &rows,
        &digests as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Applications, batches, rows and digests.
type Columns<'a> = (Vec<Uuid>, Vec<Uuid>, Vec<i32>, Vec<&'a [u8]>);

/// Returns each row once, in the same order in every worker.
fn columns<'a>(sent: &[Registrable<'a>]) -> Result<Columns<'a>, StoreError> {
    let mut places = BTreeSet::new();
    for one in sent {
        if let Some(batch) = one.application.batch {
            let digest = one.digest().as_bytes().as_slice();
            places.insert((
                *one.id().as_uuid(),
                *batch.id.as_uuid(),
                in_database(batch.row)?,
                digest,
            ));
        }
    }
    let mut columns = Columns::default();
    for (application, batch, row, digest) in places {
        columns.0.push(application);
        columns.1.push(batch);
        columns.2.push(row);
        columns.3.push(digest);
    }
    Ok(columns)
}

impl Store {
    /// Returns the results so far of a batch of this sender, or nothing if there are none.
    ///
    /// Reads every application of the batch.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn batch_tally(
        &self,
        batch: BatchId,
        sender: &Submitter,
    ) -> Result<Option<BatchTally>, StoreError> {
        let counted = within_deadline(self.count_batch(batch, sender)).await?;
        let Some(first) = counted.first() else {
            return Ok(None);
        };
        let (rows, repeated, dead_lettered) = (first.rows, first.repeated, first.dead_lettered);
        let outcomes = counted
            .into_iter()
            .filter_map(|row| row.outcome.zip(row.applications));
        let applications = outcomes.map(|(word, applications)| {
            let outcome = outcome(&word)?;
            Ok((outcome.as_str(), natural(applications)?))
        });
        let tally = BatchTally {
            rows: natural(rows)?,
            repeated: natural(repeated)?,
            dead_lettered: natural(dead_lettered)?,
            applications: applications.collect::<Result<_, StoreError>>()?,
        };
        Ok((tally.rows > 0).then_some(tally))
    }

    async fn count_batch(&self, batch: BatchId, sender: &Submitter) -> Result<Vec<Counted>, StoreError> {
        let counted = sqlx::query_as!(
            Counted,
            r#"
            with sent as materialized (
                select b.row, b.application_id, a.outcome
                from batch_rows as b join applications as a on a.id = b.application_id
                where b.batch_id = $1 and a.channel = $2 and a.submitter = $3
            ),
            others as materialized (
                select c.row, c.application_id, c.content_digest
                from conflict_rows as c join applications as a on a.id = c.application_id
                where c.batch_id = $1 and a.channel = $2 and a.submitter = $3
            ),
            registered as (select row, application_id from sent union select row, application_id from others),
            dead as materialized (
                select row, application_id from dead_letter_rows where batch_id = $1 and submitter = $3
                except select row, application_id from registered
            ),
            contents as materialized (
                select outcome, application_id, null::bytea as content_digest, count(*) as rows
                from sent group by outcome, application_id
                union all
                select 'conflict', application_id, content_digest, count(*)
                from others group by application_id, content_digest
            ),
            outcomes as (select outcome, count(*) as applications from contents group by outcome),
            totals as (
                select
                    (select count(distinct row) from (select row from registered union select row from dead) as r)
                        as all_rows,
                    (select coalesce(sum(rows - 1), 0)::bigint from contents) as repeated,
                    (select count(*) from dead) as dead_lettered
            )
            select
                all_rows as "rows!", repeated as "repeated!", dead_lettered as "dead_lettered!",
                outcome as "outcome?", applications as "applications?"
            from totals left join outcomes on true
            "#,
            batch.as_uuid(),
            sender.channel().as_str(),
            sender.as_str(),
        );
        Ok(counted.fetch_all(&mut *self.connection().await?).await?)
    }

    /// Returns up to `limit` applications of this sender's batch, in order, after a place or from
    /// the start, with those that share the last place. Fewer than `limit` means the end. Each
    /// application shown, so each that is not `registered`, gets an entry in its journal.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn batch_page(
        &self,
        batch: BatchId,
        sender: &Submitter,
        after: Option<BatchPlace>,
        limit: u32,
    ) -> Result<Vec<PlacedApplication>, StoreError> {
        // before every place: rows count from 1
        let (row, id) = after.map_or(Ok((0, Uuid::nil())), |after| {
            Ok::<_, StoreError>((in_database(after.row)?, after.id.into()))
        })?;
        let rows = within_deadline(async {
            let rows = sqlx::query_as!(
                Row,
                r#"
                with page as materialized (
                    select row, application_id, outcome, reason from (
                        (
                            select b.row, b.application_id, a.outcome, a.reason
                            from batch_rows as b join applications as a on a.id = b.application_id
                            where b.batch_id = $1 and (b.row, b.application_id) > ($2, $3)
                                and a.channel = $4 and a.submitter = $5
                            order by b.row, b.application_id limit $6
                        )
                        union all
                        (
                            select c.row, c.application_id, 'conflict', 'key_reused'
                            from conflict_rows as c join applications as a on a.id = c.application_id
                            where c.batch_id = $1 and (c.row, c.application_id) > ($2, $3)
                                and a.channel = $4 and a.submitter = $5
                            order by c.row, c.application_id fetch first ($6) rows with ties
                        )
                    ) as both_kinds
                    -- a place may have an application and other contents: they are never parted
                    order by row, application_id fetch first ($6) rows with ties
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
                row: stored(u32::try_from(self.row), "a negative row")?,
                id: self.application_id.into(),
            },
            outcome: outcome(&self.outcome)?,
            reason: stored(self.reason.parse(), "a reason")?,
        })
    }
}

fn outcome(word: &str) -> Result<Outcome, StoreError> {
    stored(word.parse(), "an outcome")
}

pub(crate) fn in_database(row: u32) -> Result<i32, StoreError> {
    i32::try_from(row).map_err(|_| StoreError::cannot_be_sent())
}

fn natural(count: i64) -> Result<u64, StoreError> {
    stored(u64::try_from(count), "a negative count")
}
