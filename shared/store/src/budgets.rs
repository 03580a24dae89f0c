//! Budgets: their names in the database, their cuts, and the sums claimed.

use std::collections::{BTreeSet, HashMap};

use sportello_domain::{ApplicationId, BenefitId, BudgetKey, CategoryId, Outcome};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;

/// A budget, and the sums that standing applications claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its name.
    pub key: BudgetKey,
    /// The cap, in cents of a euro; nothing before the first allotment.
    pub cap_cents: Option<i64>,
    /// Sum of all claims, in cents.
    pub claimed_cents: i64,
    /// Sum claimed by applications within the budget, in cents.
    pub within_cents: i64,
    /// Sum claimed by applications past it, in cents.
    pub past_cents: i64,
}

/// The end of a budget.
pub(crate) struct Cut {
    /// Turn and id of the first application past it; `None` while all are within.
    pub(crate) at: Option<(i64, Uuid)>,
    /// Outcome of applications past it.
    pub(crate) past_outcome: Outcome,
}

impl Cut {
    /// Returns whether the application at this place is past the cut.
    pub(crate) fn is_before(&self, turn: i64, id: ApplicationId) -> bool {
        self.at.is_some_and(|cut| cut <= (turn, *id.as_uuid()))
    }
}

/// Returns a budget's name as one text; identifiers hold no slash.
pub(crate) fn key_text(key: &BudgetKey) -> String {
    match &key.category {
        Some(category) => format!("{}/{category}", key.benefit),
        None => key.benefit.to_string(),
    }
}

fn key(text: &str) -> Result<BudgetKey, StoreError> {
    let (benefit, category) = match text.split_once('/') {
        Some((benefit, category)) => (benefit, Some(category)),
        None => (text, None),
    };
    let read = || {
        let category = category.map(CategoryId::parse).transpose()?;
        BenefitId::parse(benefit).map(|benefit| BudgetKey { benefit, category })
    };
    read().map_err(|_| StoreError::unreadable("a budget"))
}

/// Reads the cuts of some budgets without locks. The next allotment follows a cut that moves
/// meanwhile.
pub(crate) async fn cuts(
    transaction: &mut PgTransaction<'_>,
    budgets: &BTreeSet<&str>,
) -> Result<HashMap<String, Cut>, StoreError> {
    if budgets.is_empty() {
        return Ok(HashMap::new());
    }
    let budgets: Vec<&str> = budgets.iter().copied().collect();
    let rows = sqlx::query!(
        "select budget, past_outcome, cut_turn, cut_id from budgets where budget = any($1)",
        &budgets as _,
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.into_iter()
        .map(|row| {
            let past_outcome = row.past_outcome.parse();
            let cut = Cut {
                at: row.cut_turn.zip(row.cut_id),
                past_outcome: past_outcome.map_err(|_| StoreError::unreadable("an outcome"))?,
            };
            Ok((row.budget, cut))
        })
        .collect()
}

impl Store {
    /// Returns the claims on every budget that an application was ever paid from, or that was
    /// allotted.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn budgets(&self) -> Result<Vec<Budget>, StoreError> {
        let rows = within_deadline(async {
            let rows = sqlx::query!(
                r#"
                select
                    budget as "budget!", max(cap_cents) as cap_cents,
                    sum(within_cents)::bigint as "within_cents!", sum(past_cents)::bigint as "past_cents!"
                from (
                    select budget, cap_cents, within_cents, past_cents from budgets
                    union all select budget, null, within_cents, past_cents from budget_movements
                ) as claims
                group by budget order by budget
                "#
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Budget {
                    key: key(&row.budget)?,
                    cap_cents: row.cap_cents,
                    claimed_cents: row.within_cents + row.past_cents,
                    within_cents: row.within_cents,
                    past_cents: row.past_cents,
                })
            })
            .collect()
    }
}
