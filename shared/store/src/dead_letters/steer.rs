//! What operators do to a job: pause, resume, stop.

use sportello_domain::{AccessReason, RequeueJobId};
use sqlx::{Connection as _, PgTransaction};

use super::jobs::RequeueJob;
use super::letter::Operator;
use super::words::{JobState, StopCause};
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;

/// What an operator does to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobChange {
    /// Sends nothing more until it is resumed.
    Pause,
    /// Goes on.
    Resume,
    /// Ends it: letters that were not sent are open again.
    Stop,
}

impl JobChange {
    /// Returns the states that allow it, and the one that follows.
    fn states(self) -> (&'static [&'static str], JobState, Option<StopCause>) {
        match self {
            Self::Pause => (&["running"], JobState::Paused, None),
            Self::Resume => (&["paused"], JobState::Running, None),
            Self::Stop => (
                &["running", "paused"],
                JobState::Stopped,
                Some(StopCause::Operator),
            ),
        }
    }
}

impl Store {
    /// Pauses, resumes or stops a job. Returns the job as it is now, and whether the change was
    /// made: not where another change came first, or its state does not allow it. `None` where
    /// there is no such job.
    ///
    /// # Errors
    /// As [`Store::requeue_job`].
    pub async fn change_requeue_job(
        &self,
        id: RequeueJobId,
        version: i32,
        change: JobChange,
        by: &Operator,
        reason: &AccessReason,
    ) -> Result<Option<(RequeueJob, bool)>, StoreError> {
        let made = within_deadline(async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            let made = put(&mut transaction, id, version, change, by, reason).await?;
            if made && change == JobChange::Stop {
                reopen_unsent(&mut transaction, id, Some((by, reason))).await?;
            }
            transaction.commit().await?;
            Ok(made)
        })
        .await?;
        let job = self.requeue_job(id).await?;
        Ok(job.map(|job| (job, made)))
    }
}

/// Returns whether the job was in a state and version that allows it.
async fn put(
    transaction: &mut PgTransaction<'_>,
    id: RequeueJobId,
    version: i32,
    change: JobChange,
    by: &Operator,
    reason: &AccessReason,
) -> Result<bool, StoreError> {
    let (from, to, cause) = change.states();
    let from: Vec<String> = from.iter().map(|state| (*state).to_owned()).collect();
    let update = sqlx::query!(
        "
        update requeue_jobs set
            state = $4, stop_cause = $5, version = version + 1, changed_at = now(),
            author_issuer = $6, author = $7, note = $8
        where id = $1 and version = $2 and state = any($3)
        ",
        id.as_uuid(),
        version,
        &from,
        to.as_str(),
        cause.map(StopCause::as_str),
        by.issuer,
        by.subject,
        reason.as_str(),
    );
    Ok(update.execute(&mut **transaction).await?.rows_affected() == 1)
}

/// Opens the letters of a stopped job again that were not sent.
pub(super) async fn reopen_unsent(
    transaction: &mut PgTransaction<'_>,
    id: RequeueJobId,
    by: Option<(&Operator, &AccessReason)>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update dead_letters set state = 'open', author_issuer = $2, author = $3, note = $4
        where id in (
            select id from dead_letters where job_id = $1 and state = 'requeue_asked' order by id for update
        )
        ",
        id.as_uuid(),
        by.map(|(operator, _)| operator.issuer.as_str()),
        by.map(|(operator, _)| operator.subject.as_str()),
        by.map(|(_, reason)| reason.as_str()),
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "
        update requeue_job_letters set result = 'cancelled', at = now() where job_id = $1 and result = 'waiting'
        ",
        id.as_uuid(),
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
