//! Which of several applications stands, in whatever order and batches they come.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};
use sportello_domain::{
    ApplicationId, CatalogueVersion, Claim, Incompatibilities, Outcome, Reason, Standing, Subject, decide,
};
use sportello_store::{Registration, Store, StoreError};

use crate::fixtures::{Sent, at, benefit, id, migrated, sent};

/// What the register says of an application.
type Row = (String, String, Option<uuid::Uuid>);

async fn on_register(database: &crate::fixtures::Database) -> BTreeMap<ApplicationId, Row> {
    let rows: Vec<(uuid::Uuid, String, String, Option<uuid::Uuid>)> =
        sqlx::query_as("select id, outcome, reason, standing_id from applications")
            .fetch_all(&mut database.connection().await)
            .await
            .unwrap();
    rows.into_iter()
        .map(|(id, outcome, reason, standing)| (id.into(), (outcome, reason, standing)))
        .collect()
}

/// What `decide` says of all of them at once, each at its earliest receipt.
fn expected(all: &[Sent], incompatibilities: &Incompatibilities) -> BTreeMap<ApplicationId, Row> {
    let mut first: BTreeMap<ApplicationId, &Sent> = BTreeMap::new();
    for one in all {
        let earliest = first.entry(one.accepted.id).or_insert(one);
        if one.accepted.received_at < earliest.accepted.received_at {
            *earliest = one;
        }
    }
    let claims: Vec<Claim<'_>> = first
        .values()
        .map(|one| Claim {
            id: one.accepted.id,
            received_at: one.accepted.received_at,
            benefit: &one.accepted.application.benefit,
            applicant: Subject::from(&one.accepted.application.applicant.tax_code),
            one_per: &one.ruling.one_per,
            closed: one.ruling.closed,
        })
        .collect();
    let standings = decide(&claims, incompatibilities);
    let row = |outcome: Outcome, reason: Reason, standing: Option<ApplicationId>| {
        let standing = standing.map(|id| *id.as_uuid());
        (outcome.as_str().to_owned(), reason.as_str().to_owned(), standing)
    };
    let rows = standings.into_iter().map(|standing| match standing {
        Standing::Stands => row(Outcome::Registered, Reason::Regular, None),
        Standing::Refused(reason) => row(Outcome::Refused, reason, None),
        Standing::Duplicate(reason, id) => row(Outcome::Duplicate, reason, Some(id)),
        Standing::Incompatible(id) => row(Outcome::Incompatible, Reason::IncompatibleBenefit, Some(id)),
    });
    claims.iter().map(|claim| claim.id).zip(rows).collect()
}

fn bonus_or_leave() -> Incompatibilities {
    let mut incompatibilities = Incompatibilities::default();
    incompatibilities.insert(benefit("bonus"), benefit("leave"));
    incompatibilities
}

/// Applications of few persons with shared children, for three benefits, some received when closed; some are sent
/// twice, at another instant.
fn families(seed: u64) -> Vec<Sent> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut all = Vec::new();
    for number in 0..70 {
        let name = *["bonus", "leave", "indemnity"].choose(&mut random).unwrap();
        let received =
            at("2020-04-01T12:00:00Z") + jiff::SignedDuration::from_millis(random.random_range(0..40));
        let mut one = sent(number, random.random_range(0..25), name, received);
        for _ in 0..random.random_range(0..3) {
            let child = Subject::of(&format!("CHILD{}", random.random_range(0..30)));
            one.ruling.one_per.push(child);
        }
        if random.random_ratio(1, 8) {
            one.ruling.closed = Some(Reason::OutsideWindow);
        }
        if random.random_ratio(1, 5) {
            let mut earlier = one.clone();
            earlier.accepted.received_at -= jiff::SignedDuration::from_millis(random.random_range(1..20));
            earlier.ruling.closed = None;
            all.push(earlier);
        }
        all.push(one);
    }
    all
}

async fn deliver(
    store: &Store,
    batch: &[Sent],
    incompatibilities: &Incompatibilities,
) -> Result<Vec<Registration>, StoreError> {
    let batch: Vec<_> = batch.iter().map(Sent::registrable).collect();
    store.register(&batch, incompatibilities).await
}

/// Registers all of it in batches of random length; what can't be done now is done again.
async fn deliver_all(store: Store, all: Vec<Sent>, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut rest = all.as_slice();
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(random.random_range(1..=rest.len().min(12)));
        while let Err(refused) = deliver(&store, batch, &bonus_or_leave()).await {
            assert!(matches!(refused, StoreError::Retry(_)), "{refused}");
        }
        rest = after;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_ends_the_same_in_whatever_order_and_batches_applications_come() {
    for seed in 0..6 {
        let database = migrated().await;
        let mut all = families(seed);
        all.shuffle(&mut StdRng::seed_from_u64(seed + 100));
        deliver_all(database.store.clone(), all.clone(), seed).await;
        assert_eq!(
            on_register(&database).await,
            expected(&all, &bonus_or_leave()),
            "seed {seed}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_register_ends_the_same_when_four_workers_register_the_same_persons_at_once() {
    for seed in 0..4 {
        let database = migrated().await;
        let all = families(seed);
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let mut mine = all.clone();
                mine.shuffle(&mut StdRng::seed_from_u64(1000 * seed + worker));
                tokio::spawn(deliver_all(database.store.clone(), mine, worker))
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        assert_eq!(
            on_register(&database).await,
            expected(&all, &bonus_or_leave()),
            "seed {seed}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_at_the_same_instant_for_one_person_one_stands() {
    let database = migrated().await;
    let noon = at("2020-04-01T12:00:00Z");
    for person in 0..200 {
        let (one, other) = (
            [sent(2 * person, person, "bonus", noon)],
            [sent(2 * person + 1, person, "bonus", noon)],
        );
        let none = Incompatibilities::default();
        let (first, second) = tokio::join!(
            deliver(&database.store, &one, &none),
            deliver(&database.store, &other, &none)
        );
        first.unwrap();
        second.unwrap();
    }
    let register = on_register(&database).await;
    for person in 0..200 {
        let pair = [id(2 * person), id(2 * person + 1)];
        let (winner, loser) = (pair.iter().min().unwrap(), pair.iter().max().unwrap());
        assert_eq!(register[winner].1, "regular");
        assert_eq!(
            register[loser],
            ("duplicate".into(), "same_person".into(), Some(*winner.as_uuid()))
        );
    }
}

#[tokio::test]
async fn one_that_comes_later_but_was_received_earlier_takes_over_and_a_third_stands_again() {
    let database = migrated().await;
    let leave = sent(1, 1, "leave", at("2020-04-01T12:00:03Z"));
    let mut bonus = sent(2, 2, "bonus", at("2020-04-01T12:00:02Z"));
    bonus.ruling.one_per.push(Subject::of(leave.tax_code()));
    let mut first = sent(3, 2, "bonus", at("2020-04-01T12:00:01Z"));
    first.accepted.validated_with = CatalogueVersion::of(b"1");
    first.ruling.version = CatalogueVersion::of(b"2");

    let rules = bonus_or_leave();
    deliver(&database.store, std::slice::from_ref(&bonus), &rules)
        .await
        .unwrap();
    let registered = deliver(&database.store, std::slice::from_ref(&leave), &rules)
        .await
        .unwrap();
    assert_eq!(
        (registered[0].outcome, registered[0].reason),
        (Outcome::Incompatible, Reason::IncompatibleBenefit)
    );
    // the other person's application is none of the applicant's business
    let found = database.find(leave.accepted.id).await.unwrap();
    assert_eq!(found.stands, None);

    let registered = deliver(&database.store, std::slice::from_ref(&first), &rules)
        .await
        .unwrap();
    assert_eq!(registered[0].reason, Reason::Regular);
    let found = database.find(bonus.accepted.id).await.unwrap();
    assert_eq!(
        (found.outcome, found.reason),
        (Outcome::Duplicate, Reason::SamePerson)
    );
    assert_eq!(found.stands, Some(first.accepted.id));
    assert_eq!(found.decided_with, first.ruling.version);
    let decided = found.history.last().unwrap();
    assert_eq!(
        (decided.event.as_str(), decided.outcome, decided.reason),
        ("decided", Some(Outcome::Duplicate), Some(Reason::SamePerson))
    );
    let reinstated = database.find(leave.accepted.id).await.unwrap();
    assert_eq!(
        (reinstated.outcome, reinstated.reason, reinstated.history.len()),
        (Outcome::Registered, Reason::Regular, 2)
    );
    let found = database.find(first.accepted.id).await.unwrap();
    assert_eq!(
        (found.validated_with, found.decided_with),
        (CatalogueVersion::of(b"1"), CatalogueVersion::of(b"2"))
    );
}

#[tokio::test]
async fn another_person_under_an_id_that_is_there_is_a_conflict_and_stands_in_nobodys_way() {
    let database = migrated().await;
    let (noon, later) = (at("2020-04-01T12:00:00Z"), at("2020-04-01T13:00:00Z"));
    let none = Incompatibilities::default();
    let there = sent(1, 1, "bonus", noon);
    let conflict = sent(1, 2, "bonus", noon);
    let own = sent(2, 2, "bonus", later);
    deliver(&database.store, std::slice::from_ref(&there), &none)
        .await
        .unwrap();
    let registered = deliver(&database.store, &[conflict, own], &none).await.unwrap();
    assert_eq!(registered[0].arrival, sportello_store::Arrival::Conflict);
    assert_eq!(registered[1].reason, Reason::Regular);
    let found = database.find(there.accepted.id).await.unwrap();
    assert_eq!((found.reason, found.conflicts.len()), (Reason::Regular, 1));
}

#[tokio::test]
async fn a_receipt_that_moves_into_the_opening_hours_lets_it_stand() {
    let database = migrated().await;
    let none = Incompatibilities::default();
    let mut closed = sent(1, 1, "bonus", at("2020-04-01T12:00:00Z"));
    closed.ruling.closed = Some(Reason::AfterClosing);
    let mut open = closed.clone();
    open.accepted.received_at = at("2020-04-01T11:00:00Z");
    open.ruling.closed = None;
    let registered = deliver(&database.store, std::slice::from_ref(&closed), &none)
        .await
        .unwrap();
    assert_eq!(
        (registered[0].outcome, registered[0].reason),
        (Outcome::Refused, Reason::AfterClosing)
    );
    let registered = deliver(&database.store, &[open], &none).await.unwrap();
    assert_eq!(registered[0].outcome, Outcome::Registered);
}
