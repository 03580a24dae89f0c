//! Workers that register the same applications at once.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use sportello_domain::{AcceptedApplication, ApplicationId, ProtocolNumber};
use sportello_store::{Arrival, Registration, Store, StoreOptions};
use sportello_testkit::eventually;
use sqlx::Executor as _;

use crate::fixtures::{NOON, SOON, application, at, migrated, register};

const WORKERS: u64 = 6;
const APPLICATIONS: u32 = 300;
const BATCH: usize = 40;

/// Every worker gets every application, received at another instant and in another order.
fn deliveries(worker: u64) -> Vec<AcceptedApplication> {
    let mut random = StdRng::seed_from_u64(worker);
    let mut deliver = |number| {
        let later = jiff::SignedDuration::from_millis(random.random_range(0..1000));
        AcceptedApplication {
            received_at: at(NOON) + later,
            ..application(number)
        }
    };
    let mut all: Vec<_> = (0..APPLICATIONS).map(&mut deliver).collect();
    all.shuffle(&mut random);
    all
}

/// Registers one worker's deliveries.
async fn drain(store: Store, worker: u64) -> Vec<Registration> {
    let mut registrations = Vec::new();
    for batch in deliveries(worker).chunks(BATCH) {
        registrations.extend(register(&store, batch).await.unwrap());
    }
    registrations
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_application_is_registered_once_whoever_registers_it() {
    let database = migrated().await;
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| tokio::spawn(drain(database.store.clone(), worker)))
        .collect();
    let mut seen = Vec::new();
    for worker in workers {
        seen.extend(worker.await.unwrap());
    }

    let new = seen
        .iter()
        .filter(|registration| registration.arrival == Arrival::New)
        .count();
    assert_eq!(new, APPLICATIONS as usize);
    let mut numbers: BTreeMap<ApplicationId, BTreeSet<ProtocolNumber>> = BTreeMap::new();
    for registration in &seen {
        numbers
            .entry(registration.id)
            .or_default()
            .insert(registration.protocol);
    }
    assert_eq!(numbers.len(), APPLICATIONS as usize);
    assert!(numbers.values().all(|of_one| of_one.len() == 1));
    let distinct: BTreeSet<_> = numbers.values().flatten().collect();
    assert_eq!(distinct.len(), APPLICATIONS as usize);

    assert_eq!(
        database.store.counts().await.unwrap()[0].applications,
        u64::from(APPLICATIONS)
    );
    let mut earliest = BTreeMap::new();
    for sent in (0..WORKERS).flat_map(deliveries) {
        let receipt = earliest.entry(sent.id).or_insert(sent.received_at);
        *receipt = sent.received_at.min(*receipt);
    }
    for id in numbers.keys() {
        let found = database.find(*id).await.unwrap();
        assert_eq!(found.received_at, earliest[id], "the earliest receipt stands");
        assert_eq!(found.conflicts, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_goes_on_when_the_runtime_that_asked_first_ends() {
    let database = migrated().await;
    let options = StoreOptions {
        max_connections: 1,
        ..StoreOptions::default()
    };
    let store = Store::connect(database.sandbox.database_url(), &options).unwrap();
    let (asking, (end, ended)) = (store.clone(), tokio::sync::oneshot::channel::<()>());
    let (asked, has_asked) = tokio::sync::oneshot::channel();
    let elsewhere = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            asking.ping().await.unwrap();
            asked.send(()).unwrap();
            ended.await.unwrap();
        });
    });
    has_asked.await.unwrap();

    let mut other = database.connection().await;
    other
        .execute("begin; lock table applications in access exclusive mode")
        .await
        .unwrap();
    let batch = [application(1)];
    let (registered, ()) = tokio::join!(register(&store, &batch), async {
        let mut observer = database.connection().await;
        let waiting = "select exists (select from pg_stat_activity
                       where wait_event_type = 'Lock' and datname = current_database())";
        eventually(SOON, async || {
            sqlx::query_scalar::<_, bool>(waiting)
                .fetch_one(&mut observer)
                .await
                .unwrap()
        })
        .await;
        end.send(()).unwrap();
        tokio::task::spawn_blocking(|| elsewhere.join().unwrap())
            .await
            .unwrap();
        other.execute("rollback").await.unwrap();
    });
    registered.unwrap();
}
