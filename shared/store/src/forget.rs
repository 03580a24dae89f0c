//! The statements that forget an application, in their order.

use std::collections::BTreeSet;

use sportello_domain::BenefitId;
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::error::StoreError;

/// Applications that are still kept, and all subjects that they concern.
#[derive(PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) subjects: Vec<String>,
}

/// Reads the earliest applications for a benefit that are still kept.
pub(crate) async fn kept(
    transaction: &mut PgTransaction<'_>,
    benefit: &BenefitId,
    limit: u32,
) -> Result<Slice, StoreError> {
    let rows = sqlx::query!(
        r#"
        select id, one_per || tax_code as "subjects!"
        from applications where benefit = $1 and pseudonymised_at is null
        order by received_at limit $2
        "#,
        benefit.as_str(),
        i64::from(limit),
    )
    .fetch_all(&mut **transaction)
    .await?;
    let mut subjects = BTreeSet::new();
    let mut ids = Vec::with_capacity(rows.len());
    for row in rows {
        ids.push(row.id);
        subjects.extend(row.subjects);
    }
    Ok(Slice {
        ids,
        subjects: subjects.into_iter().collect(),
    })
}

/// Locks subjects in order, so that no transaction decides on their applications meanwhile.
pub(crate) async fn lock_persons(
    transaction: &mut PgTransaction<'_>,
    subjects: &[String],
) -> Result<(), StoreError> {
    sqlx::query!(
        "select from subjects where subject = any($1) order by subject for update",
        subjects,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(())
}

/// Locks applications, and those for other benefits that wait behind them, in order.
pub(crate) async fn lock(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!(
        "
        select from applications where id in (
            select unnest($1::uuid[])
            union
            select waiting.id
            from applications as gone cross join lateral unnest(gone.one_per || gone.tax_code) as subject
            join applications as waiting
                on waiting.barring_subject = subject and waiting.barring_benefit = gone.benefit
                and waiting.benefit <> gone.benefit
            where gone.id = any($1) and gone.reason in ('regular', 'past_cap')
        )
        order by id for update
        ",
        ids,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(())
}

/// Records for ever that these applications and their batches are forgotten, and for a while that
/// the journal needs another sweep.
pub(crate) async fn forget(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into forgotten (id)
        select unnest($1::uuid[])
        union select batch_id from batch_rows where application_id = any($1)
        union select batch_id from conflict_rows where application_id = any($1)
        order by 1
        on conflict do nothing
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "
        insert into late_reads (application_id) select unnest($1::uuid[]) order by 1
        on conflict (application_id) do update set forgotten_at = excluded.forgotten_at
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Removes every link from an application to a person: subjects, conflicts (which are counted),
/// rows of batches, dead-letter rows of the same batches, and the journal. Applications for other
/// benefits that waited behind it keep their decision. Those for the same benefit are removed with
/// it.
pub(crate) async fn remove_what_hangs_on(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update applications set barring_benefit = null, barring_subject = null
        from applications as gone cross join lateral unnest(gone.one_per || gone.tax_code) as subject
        where applications.barring_subject = subject and applications.barring_benefit = gone.benefit
            and applications.benefit <> gone.benefit
            and gone.id = any($1) and gone.reason in ('regular', 'past_cap')
        ",
        ids
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "delete from application_subjects where application_id = any($1)",
        ids
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "
        delete from dead_letter_rows where batch_id in (
            select batch_id from batch_rows where application_id = any($1)
            union select batch_id from conflict_rows where application_id = any($1)
        )
        ",
        ids
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!("delete from conflict_rows where application_id = any($1)", ids)
        .execute(&mut **transaction)
        .await?;
    remove_conflicts(transaction, ids).await?;
    sqlx::query!("delete from batch_rows where application_id = any($1)", ids)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!("delete from access_journal where application_id = any($1)", ids)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Removes conflicts and counts them.
async fn remove_conflicts(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!(
        "
        with gone as (
            delete from application_conflicts using applications
            where application_conflicts.application_id = any($1)
                and applications.id = application_conflicts.application_id
            returning application_conflicts.benefit, applications.channel
        )
        insert into purged_applications as before (benefit, channel, outcome, applications, purged_at)
        select benefit, channel, 'conflict', count(*), now() from gone group by benefit, channel
        on conflict (benefit, channel, outcome) do update
        set applications = before.applications + excluded.applications, purged_at = excluded.purged_at
        ",
        ids
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Removes the person from registrations.
pub(crate) async fn pseudonymise(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update applications set
            pseudonymised_at = now(), submitter = null, tax_code = null, given_name = null, family_name = null,
            birth_date = null, email = null, phone = null, iban = null, mandate = null, answers = null,
            content_digest = null, one_per = '{}', barring_benefit = null, barring_subject = null
        where id = any($1)
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Removes registrations and counts them.
pub(crate) async fn purge(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from application_history where application_id = any($1)",
        ids
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "
        with gone as (delete from applications where id = any($1) returning benefit, channel, outcome)
        insert into purged_applications as before (benefit, channel, outcome, applications, purged_at)
        select benefit, channel, outcome, count(*), now() from gone group by benefit, channel, outcome
        on conflict (benefit, channel, outcome) do update
        set applications = before.applications + excluded.applications, purged_at = excluded.purged_at
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Removes subjects without applications and without waiting withdrawals.
pub(crate) async fn remove_persons(
    transaction: &mut PgTransaction<'_>,
    subjects: &[String],
) -> Result<(), StoreError> {
    if subjects.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        delete from subjects where subject = any($1)
        and not exists (select from applications where applications.tax_code = subjects.subject)
        and not exists (
            select from application_subjects where application_subjects.subject = subjects.subject
        )
        and not exists (
            select from pending_withdrawals
            where pending_withdrawals.requester = subjects.subject and pending_withdrawals.channel = 'citizen'
        )
        "#,
        subjects,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
