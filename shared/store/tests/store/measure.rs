//! How fast batches are registered: `cargo test --test store measure -- --ignored --nocapture`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sportello_domain::{
    AcceptedApplication, BudgetKey, BudgetRule, Incompatibilities, Order, PastCap, Ruling, Submitter,
};
use sportello_store::{Registrable, Store};
use tokio::task::JoinSet;

use crate::fixtures::{application, at, benefit, id, migrated, once_a_person, person, register};

const BATCHES: u32 = 60;
const BATCH: u32 = 500;
const AMOUNT_CENTS: i64 = 60_000;

/// What new persons apply for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paid {
    /// No money.
    Not,
    /// All from one budget that reaches for all.
    FromOneBudget,
    /// All from one budget that reaches for half, which is followed meanwhile.
    FromOneBudgetThatEnds,
}

impl Paid {
    fn ruling(self, accepted: &AcceptedApplication) -> Ruling {
        let ruling = once_a_person(accepted);
        if self == Self::Not {
            return ruling;
        }
        Ruling {
            amount_cents: Some(AMOUNT_CENTS),
            budget: Some(key()),
            ..ruling
        }
    }

    fn rule(self) -> Option<BudgetRule> {
        let reach = match self {
            Self::Not => return None,
            Self::FromOneBudget => BATCHES * BATCH,
            Self::FromOneBudgetThatEnds => BATCHES * BATCH / 2,
        };
        Some(BudgetRule {
            key: key(),
            cap_cents: AMOUNT_CENTS * i64::from(reach),
            past_cap: PastCap::Reserve,
            order: Order::Arrival,
            closes: at("2100-01-01T00:00:00Z"),
        })
    }
}

fn key() -> BudgetKey {
    BudgetKey {
        benefit: benefit("indemnity-march-2020"),
        category: None,
    }
}

/// Batch after batch, until none is left.
async fn lane(store: Store, paid: Paid, next: Arc<AtomicU32>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= BATCHES {
            return;
        }
        let accepted: Vec<_> = (number * BATCH..(number + 1) * BATCH).map(application).collect();
        let rulings: Vec<_> = accepted.iter().map(|accepted| paid.ruling(accepted)).collect();
        let batch = accepted.iter().zip(&rulings);
        let batch: Vec<_> = batch
            .map(|(application, ruling)| Registrable { application, ruling })
            .collect();
        while store
            .register(&batch, &Incompatibilities::default())
            .await
            .is_err()
        {}
    }
}

/// Pass after pass, five a second, until it is ended.
async fn allot(store: Store, rule: BudgetRule) {
    let mut passes = tokio::time::interval(Duration::from_millis(200));
    loop {
        passes.tick().await;
        // a registration may have changed the same rows: the next pass comes
        let _ = store.allot(std::slice::from_ref(&rule), Timestamp::now()).await;
    }
}

/// Applications a second.
async fn rate(lanes: u32, paid: Paid) -> f64 {
    let database = migrated().await;
    let allotter = paid
        .rule()
        .map(|rule| tokio::spawn(allot(database.store.clone(), rule)));
    let next = Arc::new(AtomicU32::new(0));
    let began = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..lanes {
        running.spawn(lane(database.store.clone(), paid, Arc::clone(&next)));
    }
    running.join_all().await;
    let rate = f64::from(BATCHES * BATCH) / began.elapsed().as_secs_f64();
    if let Some(allotter) = allotter {
        allotter.abort();
    }
    rate
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn measure_lanes_and_budgets() {
    println!("applications a second: lanes, no money, one budget, one budget that ends half-way");
    for lanes in [1, 2, 4, 1, 2, 4] {
        let no_money = rate(lanes, Paid::Not).await;
        let budget = rate(lanes, Paid::FromOneBudget).await;
        let ending = rate(lanes, Paid::FromOneBudgetThatEnds).await;
        println!("{lanes} {no_money:.0} {budget:.0} {ending:.0}");
    }
}

/// Reads of one application each in a second, by as many callers at once.
async fn reads_a_second(store: &Store, callers: u32, of: fn(u32) -> u32) -> f64 {
    const READS: u32 = 2000;
    let next = Arc::new(AtomicU32::new(0));
    let began = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..callers {
        let (store, next) = (store.clone(), Arc::clone(&next));
        running.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= READS {
                    return;
                }
                let number = number % BATCH;
                let reader = Submitter::Citizen(person(of(number)));
                store.find(id(number), &reader).await.unwrap();
            }
        });
    }
    running.join_all().await;
    f64::from(READS) / began.elapsed().as_secs_f64()
}

/// The same statement reads for a holder and for somebody else; only the holder's read is recorded.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn measure_what_recording_a_read_costs() {
    let database = migrated().await;
    let batch: Vec<_> = (0..BATCH).map(application).collect();
    register(&database.store, &batch).await.unwrap();
    println!("reads a second: callers at once, not recorded, recorded");
    for callers in [1, 8, 1, 8, 1, 8] {
        let unrecorded = reads_a_second(&database.store, callers, |number| number + BATCH).await;
        let recorded = reads_a_second(&database.store, callers, |number| number).await;
        println!("{callers} {unrecorded:.0} {recorded:.0}");
    }
}
