//! The outbox: letters that are to be sent again. What was sent and confirmed is recorded in the
//! transaction that took it from the outbox; a crash between the two sends it once more.

use std::fmt;

use sportello_domain::{Channel, LetterId, RequeueJobId};
use sqlx::{Connection as _, PgTransaction, Postgres, Transaction};
use uuid::Uuid;

use super::pace::{Next, Results};
use super::steer::reopen_unsent;
use super::words::{JobState, StopCause};
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};

/// A job that may send letters now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueJob {
    /// The job.
    pub id: RequeueJobId,
    /// Letters that it may send now, before workers have settled any of them; `None` for as many as
    /// its rate allows.
    pub most: Option<u32>,
    /// Letters a second.
    pub rate: u32,
}

/// A letter to be sent again.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterToSend {
    /// The letter.
    pub id: LetterId,
    /// The channel whose queue it goes to.
    pub channel: Channel,
    /// Applications that it counts for.
    pub applications: u32,
    /// The message.
    pub message: Vec<u8>,
}

/// Shows no content.
impl fmt::Debug for LetterToSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LetterToSend({}, {} bytes)", self.id, self.message.len())
    }
}

/// Letters taken from the outbox. Dropped without [`Outbox::sent`], they are there again.
#[derive(Debug)]
pub struct Outbox {
    transaction: Transaction<'static, Postgres>,
    letters: Vec<LetterToSend>,
}

struct JobRow {
    id: Uuid,
    version: i32,
    rate: i32,
    waiting: i64,
    sent: i64,
    settled: i64,
    returned: i64,
}

impl Store {
    /// Returns the jobs that may send letters now, the oldest first. Records that a job is done, or
    /// stops it where one of the letters that it sent first came back.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn due_requeues(&self) -> Result<Vec<DueJob>, StoreError> {
        let mut due = Vec::new();
        for row in within_deadline(self.running_jobs()).await? {
            let most = match row.results().next() {
                Next::Send(most) => Some(stored(most.try_into(), "a number of letters")?),
                Next::SendAtRate => None,
                Next::Wait => continue,
                Next::Stop => {
                    self.end_job(&row, JobState::Stopped, Some(StopCause::LetterReturned))
                        .await?;
                    continue;
                }
                Next::End => {
                    self.end_job(&row, JobState::Done, None).await?;
                    continue;
                }
            };
            due.push(DueJob {
                id: row.id.into(),
                most,
                rate: stored(row.rate.try_into(), "a rate")?,
            });
        }
        Ok(due)
    }

    /// Takes up to `most` letters of a job from the outbox. `None` where there are none, the job
    /// does not run any more, or another process takes them at this moment. The transaction ends by
    /// itself 30 seconds later.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn outbox(&self, job: RequeueJobId, most: u32) -> Result<Option<Outbox>, StoreError> {
        within_deadline(async {
            let mut transaction = self.begin().await?;
            let runs = sqlx::query_scalar!(
                "select id from requeue_jobs where id = $1 and state = 'running' for update skip locked",
                job.as_uuid(),
            );
            if runs.fetch_optional(&mut *transaction).await?.is_none() {
                return Ok(None);
            }
            let letters = take(&mut transaction, job, most).await?;
            Ok((!letters.is_empty()).then_some(Outbox { transaction, letters }))
        })
        .await
    }

    async fn running_jobs(&self) -> Result<Vec<JobRow>, StoreError> {
        let rows = sqlx::query_as!(
            JobRow,
            r#"
            select
                id, requeue_jobs.version, rate,
                count(*) filter (where result = 'waiting') as "waiting!",
                count(*) filter (where result = 'sent') as "sent!",
                count(*) filter (where result = 'settled') as "settled!",
                count(*) filter (where result = 'returned') as "returned!"
            from requeue_jobs join requeue_job_letters on job_id = id
            where state = 'running' group by id order by created_at, id
            "#
        );
        Ok(rows.fetch_all(&mut *self.connection().await?).await?)
    }

    /// Ends a job, unless it was changed meanwhile.
    async fn end_job(
        &self,
        job: &JobRow,
        state: JobState,
        cause: Option<StopCause>,
    ) -> Result<(), StoreError> {
        within_deadline(async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            let update = sqlx::query!(
                "
                update requeue_jobs set state = $3, stop_cause = $4, version = version + 1, changed_at = now()
                where id = $1 and version = $2 and state = 'running'
                ",
                job.id,
                job.version,
                state.as_str(),
                cause.map(StopCause::as_str),
            );
            let ended = update.execute(&mut *transaction).await?.rows_affected() == 1;
            if ended && state == JobState::Stopped {
                reopen_unsent(&mut transaction, job.id.into(), None).await?;
            }
            Ok(transaction.commit().await?)
        })
        .await
    }
}

async fn take(
    transaction: &mut PgTransaction<'_>,
    job: RequeueJobId,
    most: u32,
) -> Result<Vec<LetterToSend>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            letter_id as "id!", letter_channel as "channel!", letter_applications as "applications!",
            letter_body as "message!"
        from dead_letters_to_send($1, $2)
        "#,
        job.as_uuid(),
        i32::try_from(most).unwrap_or(i32::MAX),
    );
    let rows = rows.fetch_all(&mut **transaction).await?.into_iter();
    let letters = rows.map(|row| {
        Ok(LetterToSend {
            id: row.id.into(),
            channel: stored(row.channel.parse(), "a channel")?,
            applications: stored(row.applications.try_into(), "a number of applications")?,
            message: row.message,
        })
    });
    letters.collect()
}

impl Outbox {
    /// Returns the letters, in order.
    #[must_use]
    pub fn letters(&self) -> &[LetterToSend] {
        &self.letters
    }

    /// Records that the broker has confirmed the first `sent` letters; the others are in the outbox
    /// again.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away: all are in the outbox again, and are sent
    /// once more.
    pub async fn sent(mut self, sent: usize) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = self
            .letters
            .iter()
            .take(sent)
            .map(|letter| letter.id.into())
            .collect();
        within_deadline(async {
            sqlx::query!(
                "
                update dead_letters set
                    state = 'sent', sent_at = now(), author_issuer = null, author = null, note = null
                where id = any($1)
                ",
                &ids,
            )
            .execute(&mut *self.transaction)
            .await?;
            Ok(self.transaction.commit().await?)
        })
        .await
    }
}

impl JobRow {
    fn results(&self) -> Results {
        Results {
            waiting: self.waiting,
            sent: self.sent,
            settled: self.settled,
            returned: self.returned,
        }
    }
}
