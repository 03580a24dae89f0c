//! The statements that forgetting an application is made of, in their order.

use std::collections::BTreeSet;

use sportello_domain::BenefitId;
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::error::StoreError;

/// Applications that are still kept, and everybody and everything that they concern.
pub(crate) struct Slice {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) subjects: Vec<String>,
}

/// The earliest applications for a benefit that are still kept. What they concern never changes.
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

/// Locks subjects in order, so that nobody decides on their applications meanwhile.
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

/// Locks applications, and those that they stand in place of, in order.
pub(crate) async fn lock(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!(
        "
        select from applications where id in (
            select unnest($1::uuid[]) union select id from applications where standing_id = any($1)
        )
        order by id for update
        ",
        ids,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(())
}

/// Says for ever that applications, and the batches that they stood in, are not kept any more.
pub(crate) async fn forget(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into forgotten (id)
        select unnest($1::uuid[]) union select batch_id from batch_rows where application_id = any($1)
        order by 1
        on conflict do nothing
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Removes what would lead from an application to a person: subjects, digests of other contents, rows of batches, who
/// read it, and the link between an application and the one that stands, from both.
pub(crate) async fn remove_what_hangs_on(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from application_subjects where application_id = any($1)",
        ids
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "delete from application_conflicts where application_id = any($1)",
        ids
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!("delete from batch_rows where application_id = any($1)", ids)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!("delete from access_journal where application_id = any($1)", ids)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!(
        "update applications set standing_id = null where standing_id = any($1)",
        ids
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Removes what reads that were going on at that very moment have left in the journal.
pub(crate) async fn remove_late_reads(transaction: &mut PgTransaction<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "
        delete from access_journal
        where application_id in (select id from forgotten where at > now() - interval '1 day')
        "
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Takes the person out of registrations.
pub(crate) async fn pseudonymise(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update applications set
            pseudonymised_at = now(), submitter = null, tax_code = null, given_name = null, family_name = null,
            email = null, phone = null, iban = null, mandate = null, answers = null, content_digest = null,
            one_per = '{}', standing_id = null
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

/// Removes subjects that no application concerns any more.
pub(crate) async fn remove_persons(
    transaction: &mut PgTransaction<'_>,
    subjects: &[String],
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        delete from subjects where subject = any($1)
        and not exists (select from applications where applications.tax_code = subjects.subject)
        and not exists (
            select from application_subjects where application_subjects.subject = subjects.subject
        )
        "#,
        subjects,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
