//! Forgets letters whose benefit's retention has ended.

use sportello_domain::{BenefitId, Retention};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::connection::Store;
use crate::error::StoreError;

/// Returns the earliest letters of a benefit whose application is not on the register. Those of an
/// application that is there go with it, and conflicts too.
pub(crate) async fn letters_kept(
    transaction: &mut PgTransaction<'_>,
    benefit: &BenefitId,
    limit: u32,
) -> Result<Vec<Uuid>, StoreError> {
    let ids = sqlx::query_scalar!(
        "
        select id from dead_letters
        where benefit = $1 and source <> 'conflict' and not exists (
            select from applications where applications.id = application_id and pseudonymised_at is null
        )
        order by dead_lettered_at limit $2
        ",
        benefit.as_str(),
        i64::from(limit),
    );
    Ok(ids.fetch_all(&mut **transaction).await?)
}

/// Removes letters, and the journal of their applications. These are forgotten for ever, so that
/// none is registered by a message that comes late. What remains is a count.
pub(crate) async fn forget_letters(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "
        with gone as (
            select distinct application_id as id from dead_letters
            where id = any($1) and application_id is not null order by 1
        ),
        recorded as (insert into forgotten (id) select id from gone on conflict do nothing)
        insert into late_reads (application_id) select id from gone
        on conflict (application_id) do update set forgotten_at = excluded.forgotten_at
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "
        delete from access_journal
        where application_id in (select application_id from dead_letters where id = any($1))
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    remove(transaction, ids).await
}

/// Removes the letters of applications that are forgotten.
pub(crate) async fn remove_letters_of(
    transaction: &mut PgTransaction<'_>,
    applications: &[Uuid],
) -> Result<(), StoreError> {
    let ids = sqlx::query_scalar!(
        "select id from dead_letters where application_id = any($1) and source <> 'conflict' order by id",
        applications,
    );
    let ids = ids.fetch_all(&mut **transaction).await?;
    remove(transaction, &ids).await
}

async fn remove(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!(
        "
        with gone as (
            delete from dead_letters where id = any($1) returning channel, reason, benefit, state, applications
        )
        insert into purged_dead_letters as before (channel, reason, benefit, state, applications, purged_at)
        select channel, reason, coalesce(benefit, ''), state, sum(applications), now() from gone
        group by channel, reason, coalesce(benefit, ''), state
        on conflict (channel, reason, benefit, state) do update
        set applications = before.applications + excluded.applications, purged_at = excluded.purged_at
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Store {
    /// Removes letters on which an operator has decided 30 days ago, and that belong to no benefit
    /// of the catalogue: no file says how long they are kept. One that is open stays until an
    /// operator decides.
    pub(crate) async fn remove_decided_letters(
        &self,
        retentions: &[Retention],
        limit: u32,
    ) -> Result<bool, StoreError> {
        let benefits: Vec<String> = retentions.iter().map(|one| one.benefit.to_string()).collect();
        let mut transaction = self.begin().await?;
        let ids = sqlx::query_scalar!(
            "
            select id from dead_letters
            where state in ('discarded', 'settled', 'returned') and changed_at < now() - interval '30 days'
                and source <> 'conflict' and (benefit = any($1)) is not true
                and not exists (select from applications where applications.id = application_id)
            order by dead_lettered_at limit $2 for update skip locked
            ",
            &benefits,
            i64::from(limit),
        );
        let ids = ids.fetch_all(&mut *transaction).await?;
        forget_letters(&mut transaction, &ids).await?;
        transaction.commit().await?;
        Ok(u32::try_from(ids.len()).is_ok_and(|gone| gone >= limit))
    }
}
