//! Workers that register the same applications at once.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use sportello_domain::{AcceptedApplication, ApplicationId, ProtocolNumber};
use sportello_store::{Arrival, Registration, Store};

use crate::fixtures::{NOON, application, at, migrated, received, register};

const WORKERS: u64 = 6;
const APPLICATIONS: u32 = 300;
const BATCH: usize = 40;

/// Registers all applications in batches of a random order, each worker's receipts a second later than the last's.
async fn drain(store: Store, worker: u64) -> Vec<Registration> {
    let received_at = (at(NOON) + jiff::SignedDuration::from_secs(worker.cast_signed())).to_string();
    let mut all: Vec<AcceptedApplication> = (0..APPLICATIONS)
        .map(|number| received(application(number), &received_at))
        .collect();
    all.shuffle(&mut StdRng::seed_from_u64(worker));
    let mut registrations = Vec::new();
    for batch in all.chunks(BATCH) {
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
    for id in numbers.keys() {
        let found = database.store.find(*id).await.unwrap().unwrap();
        assert_eq!(
            found.received_at,
            at(NOON),
            "the first worker's receipt is the earliest"
        );
        assert_eq!(found.conflicts, []);
    }
}
