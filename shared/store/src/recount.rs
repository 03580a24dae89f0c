//! Compares the counters of outcomes with the register: the only reading of the whole table.

use std::time::Duration;

use sqlx::PgConnection;

use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};

/// Longest time of a count; five million applications take seconds.
const LONGEST: Duration = Duration::from_secs(600);

/// What a count of the register found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recount {
    /// Applications on the register.
    pub applications: u64,
    /// By how many a counter of a benefit, channel and outcome is too high or too low, all of them
    /// together.
    pub miscounted: u64,
}

impl Store {
    /// Returns whether the register is to be counted now: from two to five at night in Italy, once,
    /// while nothing waits.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn is_recount_due(&self) -> Result<bool, StoreError> {
        within_deadline(async {
            let due = sqlx::query_scalar!(
                r#"
                select
                    extract(hour from now() at time zone 'Europe/Rome') between 2 and 4
                    and not exists (select from outcome_recounts where at > now() - interval '12 hours')
                    and not exists (select from ledger_segments) as "due!"
                "#
            );
            Ok(due.fetch_one(&mut *self.connection().await?).await?)
        })
        .await
    }

    /// Counts the register, compares with the counters, and keeps the result. `None` where another
    /// process counts at this moment. Nobody waits for it: it reads at one processor's pace.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::TooSlow`] after ten minutes.
    pub async fn recount(&self) -> Result<Option<Recount>, StoreError> {
        let counting = async {
            let mut transaction = self.begin().await?;
            let mine = sqlx::query_scalar!(
                r#"select pg_try_advisory_xact_lock(hashtext('recount of outcomes')) as "mine!""#
            );
            if !mine.fetch_one(&mut *transaction).await? {
                return Ok(None);
            }
            let recount = recount(&mut transaction).await?;
            transaction.commit().await?;
            Ok(Some(recount))
        };
        tokio::time::timeout(LONGEST, counting)
            .await
            .unwrap_or_else(|_| Err(StoreError::TooSlow(format!("not counted within {LONGEST:?}"))))
    }
}

async fn recount(transaction: &mut PgConnection) -> Result<Recount, StoreError> {
    sqlx::query!(
        "
        select
            set_config('statement_timeout', $1, true) as timeout,
            set_config('max_parallel_workers_per_gather', '0', true) as parallel
        ",
        LONGEST.as_millis().to_string(),
    )
    .fetch_one(&mut *transaction)
    .await?;
    sqlx::query!("delete from outcome_recounts where at < now() - interval '90 days'")
        .execute(&mut *transaction)
        .await?;
    // one statement sees the register and its counters at one instant
    let row = sqlx::query!(
        "
        insert into outcome_recounts (applications, miscounted)
        select coalesce(sum(counted), 0), coalesce(sum(abs(counted - recorded)), 0) from (
            select sum(counted) as counted, sum(recorded) as recorded from (
                select benefit, channel, outcome, count(*) as counted, 0 as recorded
                from applications group by benefit, channel, outcome
                union all select benefit, channel, outcome, 0, applications from outcome_counts
                union all select benefit, channel, outcome, 0, applications from outcome_movements
            ) as both_sides
            group by benefit, channel, outcome
        ) as compared
        returning applications, miscounted
        "
    );
    let row = row.fetch_one(transaction).await?;
    let number = |count: i64| stored(u64::try_from(count), "a negative count");
    Ok(Recount {
        applications: number(row.applications)?,
        miscounted: number(row.miscounted)?,
    })
}
