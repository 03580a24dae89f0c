//! Which version of a benefit's file decides on its budgets.

use sportello_domain::BudgetRule;
use sqlx::PgTransaction;

use crate::error::StoreError;

/// Notes that a worker has this version of a benefit's file. Returns whether no worker had a newer
/// one within the last hour. A version is newer if the register saw it first at a later time.
pub(crate) async fn is_newest(
    transaction: &mut PgTransaction<'_>,
    rule: &BudgetRule,
) -> Result<bool, StoreError> {
    let (benefit, version) = (rule.key.benefit.as_str(), rule.version.as_str());
    if !is_noted(transaction, benefit, version).await? {
        note(transaction, benefit, version).await?;
    }
    let newest = sqlx::query_scalar!(
        "
        select version from catalogue_versions
        where benefit = $1 and last_seen between now() - interval '1 hour' and now() + interval '1 minute'
        order by entry desc limit 1
        ",
        benefit,
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(newest.is_none_or(|newest| newest == version))
}

/// Returns whether it was noted within the last minute: a pass each second need not write.
async fn is_noted(
    transaction: &mut PgTransaction<'_>,
    benefit: &str,
    version: &str,
) -> Result<bool, StoreError> {
    let noted = sqlx::query_scalar!(
        r#"
        select exists (
            select from catalogue_versions
            where benefit = $1 and version = $2 and last_seen between now() - interval '1 minute' and now()
        ) as "noted!"
        "#,
        benefit,
        version,
    );
    Ok(noted.fetch_one(&mut **transaction).await?)
}

async fn note(transaction: &mut PgTransaction<'_>, benefit: &str, version: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into catalogue_versions (benefit, version) values ($1, $2)
        on conflict (benefit, version) do update set last_seen = now()
        ",
        benefit,
        version,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
