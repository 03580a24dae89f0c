//! Conflicts: other contents sent under a used id, kept whole.

use sportello_domain::AcceptedApplication;
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::batch::{ContentColumns, NewRow, RulingColumns};
use crate::error::StoreError;
use crate::statements::insert_subjects;

/// Keeps conflicts, in order of id. Each content is kept once, with its earliest receipt.
pub(crate) async fn record_conflicts(
    transaction: &mut PgTransaction<'_>,
    contents: &[&AcceptedApplication],
) -> Result<(), StoreError> {
    if contents.is_empty() {
        return Ok(());
    }
    let columns = ContentColumns::of(contents.iter().copied())?;
    sqlx::query!(
        "
        with recorded as (
            insert into application_conflicts as before (
                application_id, content_digest, received_at, benefit, category, mandate, given_name, family_name,
                birth_date, email, phone, iban, answers, validated_with
            )
            select * from unnest(
                $1::uuid[], $2::bytea[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::date[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::text[]
            )
            on conflict (application_id, content_digest) do update set received_at = excluded.received_at
                where excluded.received_at < before.received_at
            returning application_id, received_at, xmax = 0 as is_new
        )
        insert into application_history (application_id, event, detail)
        select application_id, 'conflict', jsonb_build_object('received_at', received_at) from recorded where is_new
        ",
        &columns.id,
        &columns.content_digest as _,
        &columns.received_at,
        &columns.benefit as _,
        &columns.category as _,
        &columns.mandate as _,
        &columns.given_name as _,
        &columns.family_name as _,
        &columns.birth_date as _,
        &columns.email as _,
        &columns.phone as _,
        &columns.iban as _,
        &columns.answers as _,
        &columns.validated_with as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Replaces contents on the register; the replaced ones become conflicts. Rows of batches follow
/// their content.
pub(crate) async fn replace(
    transaction: &mut PgTransaction<'_>,
    contents: &[NewRow<'_>],
) -> Result<(), StoreError> {
    if contents.is_empty() {
        return Ok(());
    }
    let columns = ContentColumns::of(contents.iter().map(|row| row.registrable.application))?;
    let ruled = RulingColumns::of(contents);
    set_aside(transaction, &columns.id).await?;
    take_back(transaction, &columns.id, &columns.content_digest).await?;
    put_in_place(transaction, &columns, &ruled).await?;
    put_subjects(transaction, contents).await
}

/// Copies the contents on the register to the conflicts.
async fn set_aside(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into application_conflicts (
            application_id, content_digest, received_at, benefit, category, mandate, given_name, family_name,
            birth_date, email, phone, iban, answers, validated_with
        )
        select
            id, content_digest, received_at, benefit, category, mandate, given_name, family_name, birth_date, email,
            phone, iban, answers, validated_with
        from applications where id = any($1)
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "
        with moved as (delete from batch_rows where application_id = any($1) returning batch_id, row, application_id)
        insert into conflict_rows (batch_id, row, application_id, content_digest)
        select batch_id, row, application_id, content_digest
        from moved join applications on applications.id = moved.application_id
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Removes contents from the conflicts, if they are there.
async fn take_back(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
    digests: &[&[u8]],
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        with moved as (
            delete from conflict_rows using unnest($1::uuid[], $2::bytea[]) as t (id, digest)
            where application_id = t.id and content_digest = t.digest
            returning batch_id, row, application_id
        )
        insert into batch_rows (batch_id, row, application_id) select batch_id, row, application_id from moved
        ",
        ids,
        digests as _,
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "
        delete from application_conflicts using unnest($1::uuid[], $2::bytea[]) as t (id, digest)
        where application_id = t.id and content_digest = t.digest
        ",
        ids,
        digests as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_in_place(
    transaction: &mut PgTransaction<'_>,
    content: &ContentColumns<'_>,
    ruled: &RulingColumns<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        with replaced as (
            update applications set
                content_digest = t.content_digest, received_at = t.received_at, benefit = t.benefit,
                category = t.category, mandate = t.mandate, given_name = t.given_name, family_name = t.family_name,
                birth_date = t.birth_date, email = t.email, phone = t.phone, iban = t.iban, answers = t.answers,
                validated_with = t.validated_with, one_per = string_to_array(t.one_per, e'\\n'),
                amount_cents = t.amount_cents, budget = t.budget, decided_with = t.decided_with
            from unnest(
                $1::uuid[], $2::bytea[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::date[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::text[], $15::text[],
                $16::bigint[], $17::text[], $18::text[]
            ) as t (
                id, content_digest, received_at, benefit, category, mandate, given_name, family_name, birth_date,
                email, phone, iban, answers, validated_with, one_per, amount_cents, budget, decided_with
            )
            join applications as before on before.id = t.id
            where applications.id = t.id
            returning applications.id, before.received_at as was, applications.received_at
        )
        insert into application_history (application_id, event, detail)
        select id, 'replaced', jsonb_build_object('from', was, 'to', received_at) from replaced
        ",
        &content.id,
        &content.content_digest as _,
        &content.received_at,
        &content.benefit as _,
        &content.category as _,
        &content.mandate as _,
        &content.given_name as _,
        &content.family_name as _,
        &content.birth_date as _,
        &content.email as _,
        &content.phone as _,
        &content.iban as _,
        &content.answers as _,
        &content.validated_with as _,
        &ruled.one_per,
        &ruled.amount_cents as _,
        &ruled.budget as _,
        &ruled.decided_with as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_subjects(
    transaction: &mut PgTransaction<'_>,
    contents: &[NewRow<'_>],
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = contents.iter().map(|row| *row.party.id.as_uuid()).collect();
    sqlx::query!(
        "delete from application_subjects where application_id = any($1)",
        &ids
    )
    .execute(&mut **transaction)
    .await?;
    insert_subjects(transaction, contents).await
}
