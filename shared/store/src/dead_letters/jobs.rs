//! Jobs that send letters again, as operators see and steer them.

use jiff::Timestamp;
use sportello_domain::{LetterId, RequeueJobId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::letter::Operator;
use super::words::{JobResult, JobState, StopCause};
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::instants;
use crate::page::{InstantCursor, Page, PageSize};

/// A job and its results so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequeueJob {
    /// Its id.
    pub id: RequeueJobId,
    /// What it does.
    pub state: JobState,
    /// Why it was stopped, if it was.
    pub stop_cause: Option<StopCause>,
    /// Letters a second, after the first eleven.
    pub rate: u32,
    /// Letters of its frozen list.
    pub letters: u32,
    /// Of these: not sent yet.
    pub waiting: u32,
    /// Sent, and not settled yet.
    pub sent: u32,
    /// Settled by a worker.
    pub settled: u32,
    /// Came back as other letters.
    pub returned: u32,
    /// Not in the outbox, since they were not open any more, or had another version.
    pub skipped: u32,
    /// Not sent, since the job was stopped before.
    pub cancelled: u32,
    /// Grows with each change.
    pub version: i32,
    /// Instant at which it was asked for.
    pub created_at: Timestamp,
    /// Instant of the last change.
    pub changed_at: Timestamp,
    /// The operator who asked for it or changed it last, and why.
    pub by: (Operator, String),
}

/// A letter in a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobLetter {
    /// Its place in the list, from 1.
    pub position: i32,
    /// The letter.
    pub letter: LetterId,
    /// What became of it.
    pub result: JobResult,
    /// Instant of the result.
    pub at: Timestamp,
}

struct Row {
    id: Uuid,
    state: String,
    stop_cause: Option<String>,
    rate: i32,
    letters: i32,
    waiting: i64,
    sent: i64,
    settled: i64,
    returned: i64,
    skipped: i64,
    cancelled: i64,
    version: i32,
    created_at: OffsetDateTime,
    changed_at: OffsetDateTime,
    author_issuer: String,
    author: String,
    note: String,
    more: bool,
}

struct LetterRow {
    position: i32,
    letter_id: Uuid,
    result: String,
    at: OffsetDateTime,
    more: bool,
}

impl Store {
    /// Returns a job, if there is one of this id.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn requeue_job(&self, id: RequeueJobId) -> Result<Option<RequeueJob>, StoreError> {
        let rows = within_deadline(self.job_rows(Some(id), PageSize::default(), None)).await?;
        rows.into_iter().next().map(Row::read).transpose()
    }

    /// Returns jobs, the newest first.
    ///
    /// # Errors
    /// As [`Store::requeue_job`].
    pub async fn requeue_jobs(
        &self,
        size: PageSize,
        after: Option<InstantCursor>,
    ) -> Result<Page<RequeueJob, InstantCursor>, StoreError> {
        let rows = within_deadline(self.job_rows(None, size, after)).await?;
        let more = rows.last().is_some_and(|row| row.more);
        let items = rows.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more).map(|last| InstantCursor {
            at: last.created_at,
            id: last.id.into(),
        });
        Ok(Page { items, next })
    }

    /// Returns a job's letters with their results, in order; `after` is a position.
    ///
    /// # Errors
    /// As [`Store::requeue_job`].
    pub async fn requeue_job_letters(
        &self,
        id: RequeueJobId,
        size: PageSize,
        after: Option<i32>,
    ) -> Result<Page<JobLetter, i32>, StoreError> {
        let rows = within_deadline(async {
            let rows = sqlx::query_as!(
                LetterRow,
                r#"
                with found as (
                    select position, letter_id, result, at from requeue_job_letters
                    where job_id = $1 and position > $2 order by position limit $3::integer + 1
                )
                select
                    position as "position!", letter_id as "letter_id!", result as "result!", at as "at!",
                    (select count(*) from found) > $3 as "more!"
                from found order by position limit $3
                "#,
                id.as_uuid(),
                after.unwrap_or(0),
                size.get(),
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        let next = rows.last().filter(|row| row.more).map(|row| row.position);
        let items = rows.into_iter().map(LetterRow::read).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    async fn job_rows(
        &self,
        id: Option<RequeueJobId>,
        size: PageSize,
        after: Option<InstantCursor>,
    ) -> Result<Vec<Row>, StoreError> {
        let (before, before_id) =
            after.map_or((Timestamp::MAX, Uuid::max()), |cursor| (cursor.at, cursor.id));
        let rows = sqlx::query_file_as!(
            Row,
            "src/dead_letters/jobs.sql",
            instants::to_database(before)?,
            before_id,
            size.get(),
            id.map(Uuid::from),
        );
        Ok(rows.fetch_all(&mut *self.connection().await?).await?)
    }
}

impl Row {
    fn read(self) -> Result<RequeueJob, StoreError> {
        let count = |number: i64| stored(number.try_into(), "a number of letters");
        let stop_cause = self
            .stop_cause
            .map(|cause| stored(cause.parse(), "a cause of a stop"));
        Ok(RequeueJob {
            id: self.id.into(),
            state: stored(self.state.parse(), "a state of a job")?,
            stop_cause: stop_cause.transpose()?,
            rate: stored(self.rate.try_into(), "a rate")?,
            letters: count(self.letters.into())?,
            waiting: count(self.waiting)?,
            sent: count(self.sent)?,
            settled: count(self.settled)?,
            returned: count(self.returned)?,
            skipped: count(self.skipped)?,
            cancelled: count(self.cancelled)?,
            version: self.version,
            created_at: instants::from_database(self.created_at)?,
            changed_at: instants::from_database(self.changed_at)?,
            by: (
                Operator {
                    issuer: self.author_issuer,
                    subject: self.author,
                },
                self.note,
            ),
        })
    }
}

impl LetterRow {
    fn read(self) -> Result<JobLetter, StoreError> {
        Ok(JobLetter {
            position: self.position,
            letter: self.letter_id.into(),
            result: stored(self.result.parse(), "a result of a job")?,
            at: instants::from_database(self.at)?,
        })
    }
}
