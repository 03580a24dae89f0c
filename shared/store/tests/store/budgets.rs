//! Applications within a budget and past it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use sportello_domain::{
    ApplicationId, BudgetKey, BudgetRule, CatalogueVersion, CategoryId, Incompatibilities, LotteryTicket,
    Order, Outcome, PastCap, Reason,
};
use sportello_store::{Store, StoreError};

use crate::fixtures::{Database, Sent, at, benefit, migrated, sent};

const SEED: &str = "numbers drawn on live television: 4 8 15 16 23 42";

fn key() -> BudgetKey {
    BudgetKey {
        benefit: benefit("bonus"),
        category: Some(CategoryId::parse("students").unwrap()),
    }
}

fn rule(order: Order, cap_cents: i64) -> BudgetRule {
    BudgetRule {
        key: key(),
        cap_cents,
        past_cap: PastCap::Reserve,
        order,
        closes: at("2020-06-01T00:00:00Z"),
        version: CatalogueVersion::of(b"the file"),
    }
}

fn open() -> Timestamp {
    at("2020-05-01T00:00:00Z")
}

fn closed() -> Timestamp {
    at("2020-06-01T00:00:00Z")
}

/// One application a person, of this amount.
fn paid(number: u32, milliseconds: i64, cents: i64) -> Sent {
    let received_at = at("2020-04-01T12:00:00Z") + SignedDuration::from_millis(milliseconds);
    let mut one = sent(number, number, "bonus", received_at);
    one.ruling.amount_cents = Some(cents);
    one.ruling.budget = Some(key());
    one
}

fn many(seed: u64, count: u32) -> Vec<Sent> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..count)
        .map(|number| paid(number, random.random_range(0..1000), random.random_range(0..900)))
        .collect()
}

async fn deliver(database: &Database, batch: &[Sent]) {
    let batch: Vec<_> = batch.iter().map(Sent::registrable).collect();
    let none = Incompatibilities::default();
    database.store.register(&batch, &none).await.unwrap();
}

/// Passes until there is nothing more to do.
async fn allot(store: &Store, rule: &BudgetRule, now: Timestamp) {
    loop {
        match store.allot(std::slice::from_ref(rule), now).await {
            Ok(done) if !done.more && !done.elsewhere => return,
            Ok(_) => {}
            Err(refused) => assert!(
                matches!(refused, StoreError::Retry(_) | StoreError::TooSlow(_)),
                "{refused}"
            ),
        }
    }
}

type Outcomes = BTreeMap<ApplicationId, Outcome>;

async fn outcomes(database: &Database) -> Outcomes {
    let rows: Vec<(uuid::Uuid, String)> = sqlx::query_as("select id, outcome from applications")
        .fetch_all(&mut database.connection().await)
        .await
        .unwrap();
    rows.into_iter()
        .map(|(id, outcome)| (id.into(), outcome.parse().unwrap()))
        .collect()
}

/// The plain model: in order of `turn`, until the first that does not fit.
fn prefix<K: Ord>(all: &[Sent], cap: i64, turn: impl Fn(&Sent) -> K) -> Outcomes {
    let mut order: Vec<_> = all.iter().collect();
    order.sort_by_key(|one| (turn(one), one.accepted.id));
    let (mut total, mut past) = (0, false);
    let outcome = |one: &Sent| {
        total += one.ruling.amount_cents.unwrap();
        past |= total > cap;
        if past {
            Outcome::Reserve
        } else {
            Outcome::Registered
        }
    };
    let outcomes: Vec<_> = order.iter().map(|one| one.accepted.id).collect();
    let decided: Vec<_> = order.into_iter().map(outcome).collect();
    outcomes.into_iter().zip(decided).collect()
}

fn by_arrival(all: &[Sent], cap: i64) -> Outcomes {
    prefix(all, cap, |one| one.accepted.received_at)
}

fn by_lot(all: &[Sent], cap: i64, seed: &str) -> Outcomes {
    prefix(all, cap, |one| LotteryTicket::of(one.accepted.id).turn(seed))
}

fn all_are(all: &[Sent], outcome: Outcome) -> Outcomes {
    all.iter().map(|one| (one.accepted.id, outcome)).collect()
}

/// The sums that the budget shows are those of the register.
async fn assert_sums(database: &Database, all: &[Sent], outcomes: &Outcomes) {
    let sum = |outcome: Outcome| -> i64 {
        let those = all.iter().filter(|one| outcomes[&one.accepted.id] == outcome);
        those.map(|one| one.ruling.amount_cents.unwrap()).sum()
    };
    let budgets = database.store.budgets().await.unwrap();
    assert_eq!((budgets.len(), &budgets[0].key), (1, &key()));
    assert_eq!(budgets[0].within_cents, sum(Outcome::Registered));
    assert_eq!(
        budgets[0].past_cents,
        sum(Outcome::Reserve) + sum(Outcome::Refused)
    );
    assert_eq!(
        budgets[0].claimed_cents,
        budgets[0].within_cents + budgets[0].past_cents
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn those_within_are_the_first_arrivals_in_whatever_order_they_are_registered() {
    for seed in 0..4 {
        let database = migrated().await;
        let mut all = many(seed, 400);
        all.shuffle(&mut StdRng::seed_from_u64(seed + 50));
        let rule = rule(Order::Arrival, 60_000);
        for (index, batch) in all.chunks(37).enumerate() {
            deliver(&database, batch).await;
            if index % 3 == 0 {
                let sent = &all[..all.len().min((index + 1) * 37)];
                allot(&database.store, &rule, open()).await;
                assert_eq!(outcomes(&database).await, by_arrival(sent, 60_000));
            }
        }
        allot(&database.store, &rule, open()).await;
        let after = outcomes(&database).await;
        assert_eq!(after, by_arrival(&all, 60_000));
        assert_sums(&database, &all, &after).await;
        // nothing is left to do
        let idle = database.store.allot(&[rule], open()).await.unwrap();
        assert_eq!((idle.changed, idle.more, idle.elsewhere), (0, false, false));
    }
}

#[tokio::test]
async fn nobody_after_the_first_that_does_not_fit_is_within_and_the_next_ones_are_past_at_once() {
    let database = migrated().await;
    let all = [paid(1, 1, 600), paid(2, 2, 600), paid(3, 3, 100)];
    deliver(&database, &all).await;
    allot(&database.store, &rule(Order::Arrival, 1_000), open()).await;
    let after = outcomes(&database).await;
    let of = |one: &Sent| after[&one.accepted.id];
    assert_eq!(
        all.iter().map(of).collect::<Vec<_>>(),
        [Outcome::Registered, Outcome::Reserve, Outcome::Reserve]
    );
    let late = paid(4, 4, 1);
    deliver(&database, std::slice::from_ref(&late)).await;
    let found = database.find(late.accepted.id).await.unwrap();
    assert_eq!((found.outcome, found.reason), (Outcome::Reserve, Reason::PastCap));
    assert_eq!((found.amount_cents, found.history.len()), (Some(1), 1));
    let moved = database.find(all[1].accepted.id).await.unwrap();
    let last = moved.history.last().unwrap();
    assert_eq!(
        (last.event.as_str(), last.outcome, last.reason),
        ("decided", Some(Outcome::Reserve), Some(Reason::PastCap))
    );
}

#[tokio::test]
async fn one_received_earlier_pushes_the_last_out_and_one_that_falls_makes_room() {
    let database = migrated().await;
    let arrival = rule(Order::Arrival, 1_200);
    let mut all = vec![paid(1, 10, 600), paid(2, 20, 600), paid(3, 30, 600)];
    deliver(&database, &all).await;
    allot(&database.store, &arrival, open()).await;
    all.push(paid(4, 5, 600));
    deliver(&database, &all[3..]).await;
    allot(&database.store, &arrival, open()).await;
    assert_eq!(outcomes(&database).await, by_arrival(&all, 1_200));

    // the person of number 1 sent another one earlier: it takes the place, without money
    let mut other = sent(5, 1, "bonus", at("2020-04-01T11:00:00Z"));
    other.ruling.amount_cents = Some(0);
    other.ruling.budget = Some(key());
    deliver(&database, std::slice::from_ref(&other)).await;
    allot(&database.store, &arrival, open()).await;
    let after = outcomes(&database).await;
    let duplicate = all.remove(0);
    assert_eq!(after[&duplicate.accepted.id], Outcome::Duplicate);
    all.push(other);
    let mut expected = by_arrival(&all, 1_200);
    expected.insert(duplicate.accepted.id, Outcome::Duplicate);
    assert_eq!(after, expected);
    all.push(duplicate);
    assert_sums(&database, &all, &after).await;
}

#[tokio::test]
async fn a_changed_rule_is_followed() {
    let database = migrated().await;
    let all = many(1, 120);
    deliver(&database, &all).await;
    for cap in [30_000, 5_000, 50_000, 0, 20_000] {
        allot(&database.store, &rule(Order::Arrival, cap), open()).await;
        let after = outcomes(&database).await;
        assert_eq!(after, by_arrival(&all, cap), "cap {cap}");
        assert_sums(&database, &all, &after).await;
    }
    let mut refuse = rule(Order::Arrival, 20_000);
    refuse.past_cap = PastCap::Refuse;
    allot(&database.store, &refuse, open()).await;
    let expected = by_arrival(&all, 20_000).into_iter().map(|(id, outcome)| {
        let refused = outcome == Outcome::Reserve;
        (id, if refused { Outcome::Refused } else { outcome })
    });
    assert_eq!(outcomes(&database).await, expected.collect());
    allot(&database.store, &rule(Order::None, 20_000), open()).await;
    assert_eq!(outcomes(&database).await, all_are(&all, Outcome::Registered));
    allot(&database.store, &rule(Order::Arrival, 20_000), open()).await;
    assert_eq!(outcomes(&database).await, by_arrival(&all, 20_000));
}

#[tokio::test]
async fn without_an_order_all_are_alike_once_the_benefit_has_closed() {
    let database = migrated().await;
    let mut all = many(2, 60);
    deliver(&database, &all).await;
    let claimed = all.iter().map(|one| one.ruling.amount_cents.unwrap()).sum();
    for (cap, now, outcome) in [
        (claimed - 1, open(), Outcome::Registered),
        (claimed, closed(), Outcome::Registered),
        (claimed - 1, closed(), Outcome::Reserve),
    ] {
        allot(&database.store, &rule(Order::None, cap), now).await;
        assert_eq!(outcomes(&database).await, all_are(&all, outcome));
    }
    // received before the closing and registered after it
    all.push(paid(1000, 1, 10));
    deliver(&database, &all[60..]).await;
    assert_eq!(outcomes(&database).await, all_are(&all, Outcome::Reserve));
    allot(&database.store, &rule(Order::None, claimed + 10), closed()).await;
    assert_eq!(outcomes(&database).await, all_are(&all, Outcome::Registered));
}

#[tokio::test]
async fn a_lottery_draws_the_same_again_and_who_comes_later_takes_part() {
    let lottery = |seed: Option<&str>| {
        let seed = seed.map(str::to_owned);
        rule(Order::Lottery { seed }, 9_000)
    };
    let all = many(3, 80);
    for split in [80, 50] {
        let database = migrated().await;
        deliver(&database, &all[..split]).await;
        for (seed, now) in [(Some(SEED), open()), (None, closed())] {
            allot(&database.store, &lottery(seed), now).await;
            assert_eq!(
                outcomes(&database).await,
                all_are(&all[..split], Outcome::Registered)
            );
        }
        allot(&database.store, &lottery(Some(SEED)), closed()).await;
        assert_eq!(outcomes(&database).await, by_lot(&all[..split], 9_000, SEED));
        deliver(&database, &all[split..]).await;
        allot(&database.store, &lottery(Some(SEED)), closed()).await;
        let after = outcomes(&database).await;
        assert_eq!(after, by_lot(&all, 9_000, SEED));
        assert_sums(&database, &all, &after).await;

        // a seed that was published wrongly and corrected, and a lottery that is none any more
        allot(&database.store, &lottery(Some("corrected: 1 2 3 4")), closed()).await;
        assert_eq!(
            outcomes(&database).await,
            by_lot(&all, 9_000, "corrected: 1 2 3 4")
        );
        allot(&database.store, &rule(Order::Arrival, 9_000), closed()).await;
        assert_eq!(outcomes(&database).await, by_arrival(&all, 9_000));
    }
}

#[tokio::test]
async fn a_long_way_is_gone_in_slices() {
    let database = migrated().await;
    let all = many(4, 2_600);
    deliver(&database, &all).await;
    let claimed: i64 = all.iter().map(|one| one.ruling.amount_cents.unwrap()).sum();
    let none = rule(Order::Arrival, 0);
    let first = database
        .store
        .allot(std::slice::from_ref(&none), open())
        .await
        .unwrap();
    assert_eq!((first.changed, first.more), (1_000, true));
    allot(&database.store, &none, open()).await;
    assert_eq!(outcomes(&database).await, by_arrival(&all, 0));
    for cap in [claimed - 1, claimed / 20, claimed] {
        allot(&database.store, &rule(Order::Arrival, cap), open()).await;
        assert_eq!(outcomes(&database).await, by_arrival(&all, cap), "cap {cap}");
    }
    let lottery = Order::Lottery {
        seed: Some(SEED.into()),
    };
    allot(&database.store, &rule(lottery, claimed / 3), closed()).await;
    let after = outcomes(&database).await;
    assert_eq!(after, by_lot(&all, claimed / 3, SEED));
    assert_sums(&database, &all, &after).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_may_allot_and_register_at_once() {
    let database = migrated().await;
    let mut all = many(5, 600);
    all.shuffle(&mut StdRng::seed_from_u64(5));
    let rule = rule(Order::Arrival, 80_000);
    let (more, rest) = all.split_at(300);
    tokio::join!(
        async {
            for batch in more.chunks(20) {
                deliver(&database, batch).await;
            }
        },
        async {
            for batch in rest.chunks(20) {
                deliver(&database, batch).await;
            }
        },
        async {
            for _ in 0..10 {
                allot(&database.store, &rule, open()).await;
            }
        },
        async {
            for _ in 0..10 {
                allot(&database.store, &rule, open()).await;
            }
        },
    );
    allot(&database.store, &rule, open()).await;
    let after = outcomes(&database).await;
    assert_eq!(after, by_arrival(&all, 80_000));
    assert_sums(&database, &all, &after).await;
}

/// The rule as another version of the file has it.
fn by_file(version: &str, order: Order, cap_cents: i64) -> BudgetRule {
    BudgetRule {
        version: CatalogueVersion::of(version.as_bytes()),
        ..rule(order, cap_cents)
    }
}

/// Everything that sharing out may change.
async fn dump(database: &Database) -> Vec<String> {
    const ROWS: &str = "select to_jsonb(b)::text as row from budgets b
        union all select to_jsonb(h)::text from application_history h
        union all select jsonb_build_array(id, outcome, reason, turn)::text from applications order by row";
    sqlx::query_scalar(ROWS)
        .fetch_all(&mut database.connection().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_worker_with_an_older_file_changes_no_budget() {
    let database = migrated().await;
    let all = many(11, 40);
    deliver(&database, &all).await;
    let old = by_file("old", Order::Arrival, 2_000);
    let drawn = Order::Lottery {
        seed: Some(SEED.into()),
    };
    let new = by_file("new", drawn, 5_000);
    allot(&database.store, &old, closed()).await;
    allot(&database.store, &new, closed()).await;
    let decided = dump(&database).await;
    assert_eq!(outcomes(&database).await, by_lot(&all, 5_000, SEED));
    for _ in 0..3 {
        let pass = database
            .store
            .allot(std::slice::from_ref(&old), closed())
            .await
            .unwrap();
        assert!(pass.outdated && pass.changed == 0, "{pass:?}");
        let pass = database
            .store
            .allot(std::slice::from_ref(&new), closed())
            .await
            .unwrap();
        assert!(!pass.outdated && pass.changed == 0, "{pass:?}");
        assert_eq!(dump(&database).await, decided);
    }
}

#[tokio::test]
async fn an_older_file_counts_once_no_worker_has_the_newer_one() {
    let database = migrated().await;
    let all = many(12, 40);
    deliver(&database, &all).await;
    let (old, new) = (
        by_file("old", Order::Arrival, 2_000),
        by_file("new", Order::Arrival, 5_000),
    );
    allot(&database.store, &old, open()).await;
    allot(&database.store, &new, open()).await;
    let away = "update catalogue_versions set last_seen = last_seen - interval '61 minutes'";
    sqlx::query(away)
        .execute(&mut database.connection().await)
        .await
        .unwrap();
    allot(&database.store, &old, open()).await;
    assert_eq!(outcomes(&database).await, by_arrival(&all, 2_000));
    // back again, it is the newer one still
    allot(&database.store, &new, open()).await;
    assert_eq!(outcomes(&database).await, by_arrival(&all, 5_000));
    let pass = database.store.allot(&[old], open()).await.unwrap();
    assert!(pass.outdated, "{pass:?}");
}
