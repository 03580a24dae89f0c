//! Locks on the subjects of a transaction.

use std::collections::BTreeSet;

use sportello_domain::Subject;
use sqlx::PgTransaction;

use crate::error::StoreError;

/// Locks the subjects until the transaction ends. Returns those that existed before: the others
/// have no application on the register. Returns nothing if one was forgotten meanwhile and so is
/// not locked.
///
/// Inserts only the transaction's `own` subjects. The others were found on the register, and must
/// not come back once they are forgotten.
///
/// A transaction that inserts a subject waits for another that inserts it at the same time. So
/// missing subjects are inserted first, then the others are locked. Both happen in byte order, as
/// the set and the database compare them, so that transactions never wait in a circle.
pub(crate) async fn lock_subjects<'a>(
    transaction: &mut PgTransaction<'_>,
    own: &BTreeSet<Subject>,
    subjects: &'a BTreeSet<Subject>,
) -> Result<Option<Vec<&'a str>>, StoreError> {
    let all: Vec<&str> = subjects.iter().map(Subject::as_str).collect();
    let own: Vec<&str> = own.iter().map(Subject::as_str).collect();
    let new = sqlx::query_scalar!(
        r#"
        insert into subjects (subject) select unnest($1::text[])
        on conflict do nothing
        returning subject
        "#,
        &own as _,
    )
    .fetch_all(&mut **transaction)
    .await?;
    if new.len() == all.len() {
        return Ok(Some(Vec::new()));
    }
    let new: BTreeSet<&str> = new.iter().map(String::as_str).collect();
    let existing: Vec<&str> = all.into_iter().filter(|subject| !new.contains(subject)).collect();
    let locked = sqlx::query_scalar!(
        "select subject from subjects where subject = any($1) order by subject for update",
        &existing as _,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok((locked.len() == existing.len()).then_some(existing))
}

/// Which transactions of an organisation may run side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Registering: beside other registrations.
    Registering,
    /// Withdrawing: alone. Otherwise an application registered at the same time would miss the
    /// withdrawal that waits for it.
    Withdrawing,
}

/// Locks organisations until the transaction ends. Citizens need no such lock: their tax code is a
/// subject of all that they may withdraw. A separate statement, so that the next one sees the
/// result of the transactions it waited for.
pub(crate) async fn hold_organisations(
    transaction: &mut PgTransaction<'_>,
    organisations: &BTreeSet<&str>,
    hold: Hold,
) -> Result<(), StoreError> {
    if organisations.is_empty() {
        return Ok(());
    }
    let organisations: Vec<&str> = organisations.iter().copied().collect();
    sqlx::query!(
        "
        select case when $2 then pg_advisory_xact_lock(key, place)::text
            else pg_advisory_xact_lock_shared(key, place)::text end as held
        from (
            select distinct hashtext('sportello_withdraw') as key, hashtext(organisation) as place
            from unnest($1::text[]) as organisation order by 2
        ) as held
        ",
        &organisations as _,
        hold == Hold::Withdrawing,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(())
}
