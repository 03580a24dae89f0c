//! Places in the order of a budget: the statements of an allotment.

use sportello_domain::{Outcome, Reason};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::error::StoreError;

/// An application that stands, in the order of its budget.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) id: Uuid,
    pub(crate) turn: i64,
    pub(crate) amount_cents: i64,
}

/// The side of the cut that an application is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Within,
    /// Past it, with the outcome of those applications.
    Past(Outcome),
}

impl Side {
    fn outcome(self) -> Outcome {
        match self {
            Self::Within => Outcome::Registered,
            Self::Past(outcome) => outcome,
        }
    }

    fn reason(self) -> Reason {
        match self {
            Self::Within => Reason::Regular,
            Self::Past(_) => Reason::PastCap,
        }
    }
}

/// A part of the order: from the first place, inclusive, until the last, exclusive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    from: (i64, Uuid),
    until: (i64, Uuid),
}

const FIRST: (i64, Uuid) = (i64::MIN, Uuid::nil());
/// Belongs to no application: ids have a version.
const LAST: (i64, Uuid) = (i64::MAX, Uuid::max());
/// Separates turns of arrival (below) from turns of a lottery.
const FIRST_DRAWN: (i64, Uuid) = (0, Uuid::nil());

impl Span {
    pub(crate) const ALL: Self = Self {
        from: FIRST,
        until: LAST,
    };
    pub(crate) const DRAWN: Self = Self {
        from: FIRST_DRAWN,
        until: LAST,
    };
    pub(crate) const NOT_DRAWN: Self = Self {
        from: FIRST,
        until: FIRST_DRAWN,
    };

    pub(crate) fn from(from: (i64, Uuid)) -> Self {
        Self { from, until: LAST }
    }

    pub(crate) fn until(until: (i64, Uuid)) -> Self {
        Self { from: FIRST, until }
    }
}

/// Reads the first applications of one side in a span, in order.
pub(crate) async fn places(
    transaction: &mut PgTransaction<'_>,
    budget: &str,
    side: Side,
    span: Span,
    limit: usize,
) -> Result<Vec<Place>, StoreError> {
    Ok(sqlx::query_as!(
        Place,
        r#"
        select id, turn, coalesce(amount_cents, 0) as "amount_cents!"
        from applications
        where budget = $1 and outcome = $2 and reason in ('regular', 'past_cap')
            and (turn, id) >= ($3, $4) and (turn, id) < ($5, $6)
        order by turn, id limit $7
        "#,
        budget,
        side.outcome().as_str(),
        span.from.0,
        span.from.1,
        span.until.0,
        span.until.1,
        i64::try_from(limit).unwrap_or(i64::MAX),
    )
    .fetch_all(&mut **transaction)
    .await?)
}

/// Reads the last applications within the budget, the last one first.
pub(crate) async fn at_the_end(
    transaction: &mut PgTransaction<'_>,
    budget: &str,
    limit: usize,
) -> Result<Vec<Place>, StoreError> {
    Ok(sqlx::query_as!(
        Place,
        r#"
        select id, turn, coalesce(amount_cents, 0) as "amount_cents!"
        from applications
        where budget = $1 and outcome = 'registered' and reason in ('regular', 'past_cap')
        order by turn desc, id desc limit $2
        "#,
        budget,
        i64::try_from(limit).unwrap_or(i64::MAX),
    )
    .fetch_all(&mut **transaction)
    .await?)
}

/// Moves applications to a side and records it in their history. Locks them in order of id, as
/// registering does.
pub(crate) async fn mark(
    transaction: &mut PgTransaction<'_>,
    those: &[Place],
    side: Side,
) -> Result<(), StoreError> {
    if those.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = those.iter().map(|place| place.id).collect();
    sqlx::query!(
        "
        with locked as materialized (select id from applications where id = any($1) order by id for update),
        marked as (
            update applications set outcome = $2, reason = $3
            from locked where applications.id = locked.id
            returning applications.id
        )
        insert into application_history (application_id, event, detail)
        select id, 'decided', jsonb_build_object('outcome', $2::text, 'reason', $3::text) from marked
        ",
        &ids,
        side.outcome().as_str(),
        side.reason().as_str(),
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Gives applications their turn in the lottery.
pub(crate) async fn draw(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
    turns: &[i64],
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "
        with locked as materialized (select id from applications where id = any($1) order by id for update)
        update applications set turn = drawn.turn
        from locked join unnest($1::uuid[], $2::bigint[]) as drawn (id, turn) on drawn.id = locked.id
        where applications.id = locked.id
        ",
        ids,
        turns,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Restores applications' turn of arrival.
pub(crate) async fn undraw(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "
        with locked as materialized (select id from applications where id = any($1) order by id for update)
        update applications set turn = arrival_turn(received_at)
        from locked where applications.id = locked.id
        ",
        ids,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
