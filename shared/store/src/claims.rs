//! The claims on a budget, as the database holds them.

use sportello_domain::{BudgetRule, Outcome, PastCap};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::error::StoreError;

/// The claims on a budget that were added up, and its cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) cap_cents: i64,
    pub(crate) past_outcome: Outcome,
    pub(crate) within_cents: i64,
    pub(crate) past_cents: i64,
    /// Turn and id of the first application past the cut.
    pub(crate) cut: Option<(i64, Uuid)>,
    /// The seed that turns were drawn with.
    pub(crate) seed: Option<String>,
}

impl Claims {
    /// Returns the claims with the cap and the outcome of the current rule.
    pub(crate) fn by_rule(stored: Option<Self>, rule: &BudgetRule) -> Self {
        let past_outcome = match rule.past_cap {
            PastCap::Reserve => Outcome::Reserve,
            PastCap::Refuse => Outcome::Refused,
        };
        let new = || Self {
            cap_cents: rule.cap_cents,
            past_outcome,
            within_cents: 0,
            past_cents: 0,
            cut: None,
            seed: None,
        };
        Self {
            cap_cents: rule.cap_cents,
            past_outcome,
            ..stored.unwrap_or_else(new)
        }
    }

    pub(crate) async fn read(
        transaction: &mut PgTransaction<'_>,
        budget: &str,
    ) -> Result<Option<Self>, StoreError> {
        let row = sqlx::query!(
            "
        select cap_cents, past_outcome, within_cents, past_cents, cut_turn, cut_id, seed
        from budgets where budget = $1
        ",
            budget
        )
        .fetch_optional(&mut **transaction)
        .await?;
        row.map(|row| {
            let past_outcome = row.past_outcome.parse();
            Ok(Self {
                cap_cents: row.cap_cents,
                past_outcome: past_outcome.map_err(|_| StoreError::unreadable("an outcome"))?,
                within_cents: row.within_cents,
                past_cents: row.past_cents,
                cut: row.cut_turn.zip(row.cut_id),
                seed: row.seed,
            })
        })
        .transpose()
    }

    pub(crate) async fn write(
        &self,
        transaction: &mut PgTransaction<'_>,
        budget: &str,
    ) -> Result<(), StoreError> {
        sqlx::query!(
        "
        insert into budgets (budget, cap_cents, past_outcome, within_cents, past_cents, cut_turn, cut_id, seed)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (budget) do update set
            cap_cents = excluded.cap_cents, past_outcome = excluded.past_outcome,
            within_cents = excluded.within_cents, past_cents = excluded.past_cents,
            cut_turn = excluded.cut_turn, cut_id = excluded.cut_id, seed = excluded.seed
        ",
        budget,
        self.cap_cents,
        self.past_outcome.as_str(),
        self.within_cents,
        self.past_cents,
        self.cut.map(|(turn, _)| turn),
        self.cut.map(|(_, id)| id),
        self.seed,
    )
    .execute(&mut **transaction)
    .await?;
        Ok(())
    }
}

/// Removes the movements and returns their sums within and past the cap, in cents.
pub(crate) async fn take_movements(
    transaction: &mut PgTransaction<'_>,
    budget: &str,
) -> Result<(i64, i64), StoreError> {
    let sums = sqlx::query!(
        r#"
        with taken as (delete from budget_movements where budget = $1 returning within_cents, past_cents)
        select
            coalesce(sum(within_cents), 0)::bigint as "within_cents!",
            coalesce(sum(past_cents), 0)::bigint as "past_cents!"
        from taken
        "#,
        budget
    )
    .fetch_one(&mut **transaction)
    .await?;
    Ok((sums.within_cents, sums.past_cents))
}
