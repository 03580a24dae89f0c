//! Asks to send letters again: the list is frozen at that moment.

use sportello_domain::{AccessReason, LetterId, RequeueJobId};
use sqlx::{Connection as _, PgTransaction};
use uuid::Uuid;

use super::jobs::RequeueJob;
use super::letter::{LetterFilter, Operator};
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants;

/// Most letters of one job.
pub const MOST_LETTERS: u32 = 10_000;

/// Letters a second that a job sends after the first eleven: 1 to 1,000, by default 50, far below
/// what workers register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequeueRate(u16);

/// A number that is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate is 1 to 1000 letters a second")]
pub struct RequeueRateError;

impl RequeueRate {
    /// Returns a rate of so many letters a second.
    ///
    /// # Errors
    /// [`RequeueRateError`].
    pub fn per_second(letters: u16) -> Result<Self, RequeueRateError> {
        let fits = (1..=1_000).contains(&letters);
        fits.then_some(Self(letters)).ok_or(RequeueRateError)
    }

    /// Returns the letters a second.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for RequeueRate {
    fn default() -> Self {
        Self(50)
    }
}

/// A request to send letters again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequeueRequest {
    /// The job's id, made by the caller: repeated with the same id, the request changes nothing.
    pub id: RequeueJobId,
    /// The letters.
    pub letters: Selection,
    /// How fast.
    pub rate: RequeueRate,
}

/// Letters of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These, each in the version that the operator saw, in this order.
    Letters(Vec<(LetterId, i32)>),
    /// All open ones that the filter shows, oldest first, if there are as many as the operator
    /// expects.
    Matching {
        /// The filter. Its state does not count.
        filter: LetterFilter,
        /// How many the operator expects.
        count: u32,
    },
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// There is a job, perhaps of an earlier request with the same id.
    Job(RequeueJob),
    /// Nothing was asked for: so many letters match now.
    CountDiffers(u32),
    /// Nothing was asked for: there are no letters, or more than [`MOST_LETTERS`].
    OutOfRange(u64),
}

impl Store {
    /// Makes a job of letters. They are in the outbox from then on; those that are not open any
    /// more, or have another version, are skipped, which the job's results show.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn ask_requeue(
        &self,
        request: &RequeueRequest,
        by: &Operator,
        reason: &AccessReason,
    ) -> Result<Asked, StoreError> {
        if let Some(job) = self.requeue_job(request.id).await? {
            return Ok(Asked::Job(job));
        }
        let refused = within_deadline(self.freeze(request, by, reason)).await?;
        if let Some(refused) = refused {
            return Ok(refused);
        }
        let job = self.requeue_job(request.id).await?;
        job.map(Asked::Job)
            .ok_or_else(|| StoreError::Retry("the job vanished".into()))
    }

    /// Returns why there is no job, if there is none.
    async fn freeze(
        &self,
        request: &RequeueRequest,
        by: &Operator,
        reason: &AccessReason,
    ) -> Result<Option<Asked>, StoreError> {
        let mut connection = self.connection().await?;
        let mut transaction = connection.begin().await?;
        let listed = match &request.letters {
            Selection::Letters(letters) => letters.clone(),
            Selection::Matching { filter, count } => {
                let matching = matching(&mut transaction, filter).await?;
                let found = u32::try_from(matching.len()).unwrap_or(u32::MAX);
                if found != *count && found <= MOST_LETTERS {
                    return Ok(Some(Asked::CountDiffers(found)));
                }
                matching
            }
        };
        let letters = u64::try_from(listed.len()).unwrap_or(u64::MAX);
        if !(1..=u64::from(MOST_LETTERS)).contains(&letters) {
            return Ok(Some(Asked::OutOfRange(letters)));
        }
        if insert_job(&mut transaction, request, listed.len(), by, reason).await? {
            insert_letters(&mut transaction, request.id, &listed).await?;
            ask(&mut transaction, request.id, by, reason).await?;
            skip(&mut transaction, request.id).await?;
        }
        transaction.commit().await?;
        Ok(None)
    }
}

/// Returns the open letters that a filter shows, one more than a job may have at most.
async fn matching(
    transaction: &mut PgTransaction<'_>,
    filter: &LetterFilter,
) -> Result<Vec<(LetterId, i32)>, StoreError> {
    let rows = sqlx::query!(
        "
        select id, version from dead_letters
        where state = 'open' and source <> 'conflict'
            and ($2::text is null or source = $2)
            and ($3::text is null or reason = $3)
            and ($4::text is null or benefit = $4)
            and ($5::text is null or channel = $5)
            and ($6::uuid is null or application_id = $6)
            and ($7::timestamptz is null or dead_lettered_at >= $7)
            and ($8::timestamptz is null or dead_lettered_at < $8)
        order by dead_lettered_at, id limit $1
        ",
        i64::from(MOST_LETTERS) + 1,
        filter.source.map(|source| source.as_str()),
        filter.reason.map(|reason| reason.as_str()),
        filter.benefit.as_ref().map(|benefit| benefit.as_str()),
        filter.channel.map(|channel| channel.as_str()),
        filter.application_id.map(Uuid::from),
        filter.from.map(instants::to_database).transpose()?,
        filter.until.map(instants::to_database).transpose()?,
    );
    let rows = rows.fetch_all(&mut **transaction).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.version)).collect())
}

/// Returns whether the job is new: the same request may have come twice at once.
async fn insert_job(
    transaction: &mut PgTransaction<'_>,
    request: &RequeueRequest,
    letters: usize,
    by: &Operator,
    reason: &AccessReason,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query!(
        "
        insert into requeue_jobs (id, rate, letters, author_issuer, author, note) values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing
        ",
        request.id.as_uuid(),
        i32::from(request.rate.get()),
        i32::try_from(letters).unwrap_or(i32::MAX),
        by.issuer,
        by.subject,
        reason.as_str(),
    );
    Ok(inserted.execute(&mut **transaction).await?.rows_affected() == 1)
}

/// Freezes the list. A letter that is named twice is in it once.
async fn insert_letters(
    transaction: &mut PgTransaction<'_>,
    job: RequeueJobId,
    listed: &[(LetterId, i32)],
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = listed.iter().map(|(id, _)| (*id).into()).collect();
    let versions: Vec<i32> = listed.iter().map(|(_, version)| *version).collect();
    sqlx::query!(
        "
        insert into requeue_job_letters (job_id, position, letter_id, version)
        select $1, row_number() over (order by min(place)), letter, min(version)
        from unnest($2::uuid[], $3::integer[]) with ordinality as listed (letter, version, place)
        group by letter
        ",
        job.as_uuid(),
        &ids,
        &versions,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Puts the letters of the list into the outbox, in an order that two requests share.
async fn ask(
    transaction: &mut PgTransaction<'_>,
    job: RequeueJobId,
    by: &Operator,
    reason: &AccessReason,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update dead_letters set
            state = 'requeue_asked', job_id = $1, author_issuer = $2, author = $3, note = $4
        where id in (
            select id from dead_letters join requeue_job_letters as listed on listed.letter_id = id
            where listed.job_id = $1 and state = 'open' and source <> 'conflict'
                and dead_letters.version = listed.version
            order by id for update of dead_letters
        )
        ",
        job.as_uuid(),
        by.issuer,
        by.subject,
        reason.as_str(),
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Gives the others their result; without any letter the job is done.
async fn skip(transaction: &mut PgTransaction<'_>, job: RequeueJobId) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update requeue_job_letters set result = 'skipped', at = now()
        where job_id = $1 and not exists (
            select from dead_letters where id = letter_id and job_id = $1 and state = 'requeue_asked'
        )
        ",
        job.as_uuid(),
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "
        update requeue_jobs set
            state = case when exists (
                select from requeue_job_letters where job_id = $1 and result = 'waiting'
            ) then 'running' else 'done' end,
            letters = (select count(*) from requeue_job_letters where job_id = $1)
        where id = $1
        ",
        job.as_uuid(),
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
