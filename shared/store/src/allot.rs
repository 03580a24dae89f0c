//! Keeps applications on the right side of their budget: within it or past it.
//!
//! Registering places an application by the cut that it sees, and adds a movement. One pass at a
//! time over all workers adds up the movements and corrects the sides. It works in slices. Each
//! slice is a transaction that sees the register at one instant, so the sums match the rows.

use jiff::Timestamp;
use sportello_domain::{ApplicationId, BudgetRule, LotteryTicket, Order, Outcome};
use sqlx::{Connection as _, PgTransaction};
use uuid::Uuid;

use crate::budgets::key_text;
use crate::claims::{Claims, take_movements};
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::places::{Place, Side, Span, at_the_end, draw, mark, places, undraw};
use crate::versions::is_newest;

/// Most applications that one step of a transaction changes.
const SLICE: usize = 1000;

/// The place before every application: a cut here puts all of them past the budget.
const BEFORE_ALL: (i64, Uuid) = (i64::MIN, Uuid::nil());

/// Result of one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allotment {
    /// Applications that changed sides, or received their turn in the lottery.
    pub changed: u64,
    /// Whether to call again at once, because a slice was full.
    pub more: bool,
    /// Whether another worker held the lock, so that part or all of the work was left to it.
    pub elsewhere: bool,
    /// Whether a rule comes from an older version of its benefit's file than a worker used within
    /// the last hour. Its budget was left unchanged.
    pub outdated: bool,
}

impl Store {
    /// Makes one pass over the budgets, at `now`. Afterwards these applications are within a
    /// budget:
    ///
    /// - [`Order::Arrival`]: the longest run of first arrivals whose amounts fit the cap. No
    ///   application after the first that does not fit is within, even with a smaller amount.
    /// - [`Order::None`]: all until the benefit closes. From then on all if their sum fits the cap,
    ///   otherwise none.
    /// - [`Order::Lottery`]: all until the benefit has closed and the seed is known. From then on
    ///   the longest run of those drawn first.
    ///
    /// Only applications that stand count. This decision does not change which ones stand: an
    /// application refused for the budget still stands in the way of a later one. Applications
    /// whose budget has no rule here keep their side.
    ///
    /// A rule from an older file than another worker's changes nothing: see
    /// [`Allotment::outdated`].
    ///
    /// Call again at once while [`Allotment::more`] is set.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, or if a registration changed the same
    /// applications at the same time. Finished slices stay; the next pass does the rest.
    pub async fn allot(&self, rules: &[BudgetRule], now: Timestamp) -> Result<Allotment, StoreError> {
        let mut all = Allotment::default();
        for rule in rules {
            let one = within_deadline(self.allot_one(rule, now)).await?;
            all.changed += one.changed;
            all.more |= one.more;
            all.elsewhere |= one.elsewhere;
            all.outdated |= one.outdated;
        }
        Ok(all)
    }

    async fn allot_one(&self, rule: &BudgetRule, now: Timestamp) -> Result<Allotment, StoreError> {
        let mut connection = self.connection().await?;
        let mut transaction = connection
            .begin_with("begin isolation level repeatable read")
            .await?;
        if !try_lock(&mut transaction).await? {
            transaction.rollback().await?;
            return Ok(Allotment {
                elsewhere: true,
                ..Allotment::default()
            });
        }
        if !is_newest(&mut transaction, rule).await? {
            transaction.commit().await?;
            return Ok(Allotment {
                outdated: true,
                ..Allotment::default()
            });
        }
        let budget = key_text(&rule.key);
        let stored = Claims::read(&mut transaction, &budget).await?;
        let mut pass = Pass {
            transaction,
            claims: Claims::by_rule(stored.clone(), rule),
            budget,
            done: Allotment::default(),
        };
        pass.count().await?;
        pass.follow(rule, now).await?;
        if stored.as_ref() != Some(&pass.claims) {
            pass.claims.write(&mut pass.transaction, &pass.budget).await?;
        }
        pass.transaction.commit().await?;
        Ok(pass.done)
    }
}

/// One pass over one budget.
struct Pass<'a> {
    transaction: PgTransaction<'a>,
    budget: String,
    claims: Claims,
    done: Allotment,
}

impl Pass<'_> {
    /// Adds up the movements that registering left.
    async fn count(&mut self) -> Result<(), StoreError> {
        let (within, past) = take_movements(&mut self.transaction, &self.budget).await?;
        self.claims.within_cents += within;
        self.claims.past_cents += past;
        Ok(())
    }

    async fn follow(&mut self, rule: &BudgetRule, now: Timestamp) -> Result<(), StoreError> {
        self.mend_outcomes().await?;
        let closed = now >= rule.closes;
        let seed = match &rule.order {
            Order::Lottery { seed } => seed.as_deref().filter(|_| closed),
            Order::Arrival | Order::None => None,
        };
        if !self.draw(seed).await? {
            return Ok(());
        }
        let in_order = match rule.order {
            Order::Arrival => true,
            Order::None => false,
            Order::Lottery { .. } => seed.is_some(),
        };
        if !in_order {
            let claimed = self.claims.within_cents + self.claims.past_cents;
            let none = rule.order == Order::None && closed && claimed > self.claims.cap_cents;
            self.claims.cut = none.then_some(BEFORE_ALL);
        }
        self.mend_sides().await?;
        if in_order && !self.done.more {
            self.move_cut().await?;
        }
        Ok(())
    }

    fn past(&self) -> Side {
        Side::Past(self.claims.past_outcome)
    }

    /// Gives applications past the cap the outcome of the current rule.
    async fn mend_outcomes(&mut self) -> Result<(), StoreError> {
        let other = match self.claims.past_outcome {
            Outcome::Reserve => Outcome::Refused,
            Outcome::Registered
            | Outcome::Duplicate
            | Outcome::Incompatible
            | Outcome::Refused
            | Outcome::Conflict
            | Outcome::Withdrawn => Outcome::Reserve,
        };
        let stale = self.slice(Side::Past(other), Span::ALL).await?;
        let past = self.past();
        mark(&mut self.transaction, &stale, past).await?;
        self.count_changed(&stale);
        Ok(())
    }

    /// Gives every application its turn: in the lottery with this seed, or by arrival without one.
    /// Returns whether all have it.
    async fn draw(&mut self, seed: Option<&str>) -> Result<bool, StoreError> {
        if self.claims.seed.as_deref() != seed {
            // turns of another seed, or of a lottery that no longer exists
            if !self.turn_over(Span::DRAWN, None).await? {
                return Ok(false);
            }
            self.claims.seed = seed.map(str::to_owned);
            self.claims.cut = None;
        }
        match seed {
            Some(seed) => self.turn_over(Span::NOT_DRAWN, Some(seed)).await,
            None => Ok(true),
        }
    }

    async fn turn_over(&mut self, span: Span, seed: Option<&str>) -> Result<bool, StoreError> {
        let was_more = std::mem::take(&mut self.done.more);
        for side in [Side::Within, self.past()] {
            let slice = self.slice(side, span).await?;
            let ids: Vec<Uuid> = slice.iter().map(|place| place.id).collect();
            match seed {
                Some(seed) => {
                    let turn = |id: &Uuid| LotteryTicket::of(ApplicationId::from(*id)).turn(seed);
                    let turns: Vec<i64> = ids.iter().map(turn).collect();
                    draw(&mut self.transaction, &ids, &turns).await?;
                }
                None => undraw(&mut self.transaction, &ids).await?,
            }
            self.count_changed(&slice);
        }
        let finished = !self.done.more;
        self.done.more |= was_more;
        Ok(finished)
    }

    /// Corrects the side of applications that registering placed by an earlier cut.
    async fn mend_sides(&mut self) -> Result<(), StoreError> {
        let before = match self.claims.cut {
            Some(cut) => {
                let stray = self.slice(Side::Within, Span::from(cut)).await?;
                self.move_to(self.past(), &stray).await?;
                Span::until(cut)
            }
            None => Span::ALL,
        };
        let stray = self.slice(self.past(), before).await?;
        self.move_to(Side::Within, &stray).await
    }

    /// Moves the cut to where the budget ends.
    async fn move_cut(&mut self) -> Result<(), StoreError> {
        if self.claims.within_cents > self.claims.cap_cents {
            self.move_cut_back().await
        } else {
            self.move_cut_on().await
        }
    }

    async fn move_cut_back(&mut self) -> Result<(), StoreError> {
        let cap = self.claims.cap_cents;
        let last = at_the_end(&mut self.transaction, &self.budget, SLICE).await?;
        let mut within = self.claims.within_cents;
        let too_many: Vec<Place> = last
            .into_iter()
            .take_while(|place| {
                let over = within > cap;
                within -= place.amount_cents;
                over
            })
            .collect();
        if let Some(first) = too_many.last() {
            self.claims.cut = Some((first.turn, first.id));
        }
        self.move_to(self.past(), &too_many).await?;
        self.done.more |= self.claims.within_cents > cap && !too_many.is_empty();
        Ok(())
    }

    async fn move_cut_on(&mut self) -> Result<(), StoreError> {
        let cap = self.claims.cap_cents;
        // one more than a slice: its place is the cut if the whole slice fits
        let past = self.past();
        let mut next = places(&mut self.transaction, &self.budget, past, Span::ALL, SLICE + 1).await?;
        let mut within = self.claims.within_cents;
        let fits = next.iter().take_while(|place| {
            within += place.amount_cents;
            within <= cap
        });
        let fits = fits.count().min(SLICE);
        let rest = next.split_off(fits);
        self.claims.cut = rest.first().map(|first| (first.turn, first.id));
        self.move_to(Side::Within, &next).await
    }

    /// Returns the first applications of one side, at most one slice.
    async fn slice(&mut self, side: Side, span: Span) -> Result<Vec<Place>, StoreError> {
        places(&mut self.transaction, &self.budget, side, span, SLICE).await
    }

    async fn move_to(&mut self, side: Side, those: &[Place]) -> Result<(), StoreError> {
        mark(&mut self.transaction, those, side).await?;
        let amount: i64 = those.iter().map(|place| place.amount_cents).sum();
        let sign = if side == Side::Within { 1 } else { -1 };
        self.claims.within_cents += sign * amount;
        self.claims.past_cents -= sign * amount;
        self.count_changed(those);
        Ok(())
    }

    fn count_changed(&mut self, those: &[Place]) {
        self.done.changed += u64::try_from(those.len()).unwrap_or_default();
        self.done.more |= those.len() >= SLICE;
    }
}

/// Takes the lock until the transaction ends. Returns false if another worker holds it.
async fn try_lock(transaction: &mut PgTransaction<'_>) -> Result<bool, StoreError> {
    let locked = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtext('sportello_allot'), 0) as "locked!""#
    );
    Ok(locked.fetch_one(&mut **transaction).await?)
}
