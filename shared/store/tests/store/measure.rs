//! Speed of registration: `cargo test --test store measure -- --ignored --nocapture`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sportello_domain::{
    AcceptedApplication, BudgetKey, BudgetRule, CatalogueVersion, Incompatibilities, Order, PastCap, Ruling,
    Subject, Submitter,
};
use sportello_store::{Registrable, Store};
use tokio::task::JoinSet;

use crate::fixtures::{Sent, application, at, benefit, id, migrated, once_a_person, person, register, sent};

const BATCHES: u32 = 60;
const BATCH: u32 = 500;
const AMOUNT_CENTS: i64 = 60_000;

/// Applications of new persons.
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
            version: CatalogueVersion::of(b"the file"),
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

/// The same statement reads for a holder and for another person; only the holder's read is
/// recorded.
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

/// Rows of the measurement of one applicant.
const ROWS: u32 = 300_000;

/// Whose the rows are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Each of another applicant.
    Different,
    /// All of one applicant.
    OneApplicant,
    /// Each of another applicant, all for one child.
    OneChild,
}

impl Rows {
    fn sent(self, number: u32) -> Sent {
        let of_person = if self == Self::OneApplicant { 0 } else { number };
        let received = at("2020-04-01T12:00:00Z") + jiff::SignedDuration::from_millis(number.into());
        let mut one = sent(number, of_person, "bonus", received);
        if self == Self::Different || self == Self::OneChild {
            // there are fewer invented persons than rows
            let subject = format!("SUBJECT{number}");
            one.ruling.one_per = vec![Subject::of(&subject)];
        }
        if self == Self::OneChild {
            one.ruling.one_per.push(Subject::of("CHILD"));
        }
        one
    }
}

async fn rows_lane(store: Store, rows: Rows, next: Arc<AtomicU32>) {
    loop {
        let first = next.fetch_add(BATCH, Ordering::Relaxed);
        if first >= ROWS {
            return;
        }
        let sent: Vec<Sent> = (first..first + BATCH).map(|number| rows.sent(number)).collect();
        let batch: Vec<_> = sent.iter().map(Sent::registrable).collect();
        while store
            .register(&batch, &Incompatibilities::default())
            .await
            .is_err()
        {}
    }
}

/// Registers a citizen's application ten times a second, until it is ended: how long each takes.
async fn citizen_beside(store: Store, seconds: Arc<std::sync::Mutex<Vec<f64>>>) {
    let mut times = tokio::time::interval(Duration::from_millis(100));
    for number in 1_000_000.. {
        times.tick().await;
        let one = sent(
            number,
            80_000 + number % 1000,
            "leave",
            at("2020-04-01T12:00:00Z"),
        );
        let began = Instant::now();
        let none = Incompatibilities::default();
        while store.register(&[one.registrable()], &none).await.is_err() {}
        seconds.lock().unwrap().push(began.elapsed().as_secs_f64());
    }
}

/// Rows a second of the first and of the last third, and the seconds that a citizen beside them
/// waits at p99.
async fn rate_of_rows(rows: Rows) -> (f64, f64, f64) {
    let database = migrated().await;
    let seconds = Arc::new(std::sync::Mutex::new(Vec::new()));
    let beside = tokio::spawn(citizen_beside(database.store.clone(), Arc::clone(&seconds)));
    let next = Arc::new(AtomicU32::new(0));
    let mut running = JoinSet::new();
    for _ in 0..3 {
        running.spawn(rows_lane(database.store.clone(), rows, Arc::clone(&next)));
    }
    let began = Instant::now();
    let third = async |part: u32| {
        while next.load(Ordering::Relaxed) < ROWS / 3 * part {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        began.elapsed().as_secs_f64()
    };
    let (first, second) = (third(1).await, third(2).await);
    running.join_all().await;
    let whole = began.elapsed().as_secs_f64();
    beside.abort();
    let mut seconds = seconds.lock().unwrap().clone();
    seconds.sort_by(f64::total_cmp);
    let p99 = seconds[seconds.len() * 99 / 100];
    let a_third = f64::from(ROWS / 3);
    (a_third / first, a_third / (whole - second), p99)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn measure_many_rows_of_one_subject() {
    println!("rows a second at first, at last; seconds of a citizen beside at p99");
    for (name, rows) in [
        ("different applicants", Rows::Different),
        ("one applicant", Rows::OneApplicant),
        ("one child", Rows::OneChild),
    ] {
        let (first, last, p99) = rate_of_rows(rows).await;
        println!("{name}: {first:.0} {last:.0}; {p99:.3}");
    }
}
