//! Which of several applications stands, in whatever order and batches they come.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};
use sportello_domain::{
    ApplicationId, CatalogueVersion, Claim, ContentDigest, Incompatibilities, Outcome, Reason, Standing,
    Subject, Withdrawal, decide,
};
use sportello_store::{Registration, Store, StoreError};

use crate::fixtures::{Sent, at, benefit, id, migrated, sent};

/// What the register says of an application: outcome, reason, and what it waits behind.
type Row = (String, String, Option<(String, String)>);

async fn on_register(database: &crate::fixtures::Database) -> BTreeMap<ApplicationId, Row> {
    type Columns = (uuid::Uuid, String, String, Option<String>, Option<String>);
    let rows: Vec<Columns> =
        sqlx::query_as("select id, outcome, reason, barring_benefit, barring_subject from applications")
            .fetch_all(&mut database.connection().await)
            .await
            .unwrap();
    rows.into_iter()
        .map(|(id, outcome, reason, benefit, subject)| (id.into(), (outcome, reason, benefit.zip(subject))))
        .collect()
}

/// Of each id the content received first, at its earliest receipt.
fn applications<'a>(all: impl IntoIterator<Item = &'a Sent>) -> BTreeMap<ApplicationId, &'a Sent> {
    let mut contents: BTreeMap<(ApplicationId, &[u8; 32]), &Sent> = BTreeMap::new();
    for one in all {
        let content = (one.accepted.id, one.accepted.content_digest.as_bytes());
        let earliest = contents.entry(content).or_insert(one);
        if one.accepted.received_at < earliest.accepted.received_at {
            *earliest = one;
        }
    }
    let mut first: BTreeMap<ApplicationId, &Sent> = BTreeMap::new();
    for ((id, _), one) in contents {
        // in order of the digest, so that the lower one stays where both were received at once
        let earliest = first.entry(id).or_insert(one);
        if one.accepted.received_at < earliest.accepted.received_at {
            *earliest = one;
        }
    }
    first
}

impl Sent {
    fn applicant(&self) -> Subject {
        Subject::from(&self.accepted.application.applicant.tax_code)
    }

    fn concerns(&self, subject: &Subject) -> bool {
        self.applicant() == *subject || self.ruling.one_per.contains(subject)
    }
}

/// Those that `decide` lets stand, of all at once, stand; those that it refuses are refused; and
/// each of the others names one that stands, was received earlier and is in its way.
async fn assert_decided(
    database: &crate::fixtures::Database,
    all: &[Sent],
    withdrawn: &BTreeSet<ApplicationId>,
    incompatibilities: &Incompatibilities,
) {
    let first = applications(all);
    let claims: Vec<Claim<'_>> = first
        .values()
        .map(|one| Claim {
            id: one.accepted.id,
            received_at: one.accepted.received_at,
            benefit: &one.accepted.application.benefit,
            applicant: one.applicant(),
            one_per: &one.ruling.one_per,
            closed: if withdrawn.contains(&one.accepted.id) {
                Some(Reason::WithdrawnByApplicant)
            } else {
                one.ruling.closed
            },
        })
        .collect();
    let standings = decide(&claims, incompatibilities);
    let standing: Vec<&Sent> = (claims.iter().zip(&standings))
        .filter(|(_, standing)| **standing == Standing::Stands)
        .map(|(claim, _)| first[&claim.id])
        .collect();
    let register = on_register(database).await;
    assert_eq!(register.len(), first.len());
    for (claim, expected) in claims.iter().zip(standings) {
        let (outcome, reason, _) = &register[&claim.id];
        let (outcome, reason): (Outcome, Reason) = (outcome.parse().unwrap(), reason.parse().unwrap());
        match expected {
            Standing::Stands => assert_eq!((outcome, reason), (Outcome::Registered, Reason::Regular)),
            Standing::Refused(Reason::WithdrawnByApplicant) => {
                assert_eq!(
                    (outcome, reason),
                    (Outcome::Withdrawn, Reason::WithdrawnByApplicant)
                );
            }
            Standing::Refused(expected) => assert_eq!((outcome, reason), (Outcome::Refused, expected)),
            Standing::Duplicate(..) | Standing::Incompatible(_) => {
                let lost = first[&claim.id];
                assert_lost(lost, &register[&claim.id], &standing, incompatibilities);
            }
        }
    }
}

/// One that lost names one that stands, was received earlier and is in its way.
fn assert_lost(lost: &Sent, row: &Row, standing: &[&Sent], incompatibilities: &Incompatibilities) {
    let (outcome, reason, barrier) = row;
    let (named, subject) = barrier.as_ref().unwrap();
    let (named, subject) = (benefit(named), Subject::of(subject));
    let place = |one: &Sent| (one.accepted.received_at, one.accepted.id);
    let in_its_way = |earlier: &&&Sent| {
        let same = earlier.accepted.application.benefit == named;
        same && place(earlier) < place(lost) && earlier.concerns(&subject)
    };
    let earlier = standing.iter().find(in_its_way).unwrap();
    assert!(lost.concerns(&subject));
    let asked = &lost.accepted.application.benefit;
    if outcome == "incompatible" {
        assert!(incompatibilities.exclude(asked, &named));
        return;
    }
    assert_eq!((outcome.as_str(), &named), ("duplicate", asked));
    assert!(
        [lost, *earlier]
            .iter()
            .all(|one| one.ruling.one_per.contains(&subject))
    );
    let person = lost.applicant() == subject && earlier.applicant() == subject;
    assert_eq!(reason == "same_person", person);
}

fn bonus_or_leave() -> Incompatibilities {
    let mut incompatibilities = Incompatibilities::default();
    incompatibilities.insert(benefit("bonus"), benefit("leave"));
    incompatibilities
}

fn add_children(one: &mut Sent, random: &mut StdRng) {
    for _ in 0..random.random_range(0..3) {
        let child = Subject::of(&format!("CHILD{}", random.random_range(0..30)));
        one.ruling.one_per.push(child);
    }
}

/// Withdrawals of some of these applications by their applicants.
fn withdrawals(all: &[Sent], seed: u64) -> Vec<Withdrawal> {
    let mut random = StdRng::seed_from_u64(seed + 10_000);
    let withdrawal = |one: &Sent| Withdrawal {
        application_id: one.accepted.id,
        by: one.accepted.submitter.clone(),
        requested_at: one.accepted.received_at,
    };
    let some = all.iter().filter(|_| random.random_ratio(1, 6));
    some.map(withdrawal).collect()
}

/// Applications of few persons with shared children, for three benefits, some received when closed;
/// some are sent twice, at another instant, and some keys are used for two contents.
fn families(seed: u64) -> Vec<Sent> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut all = Vec::new();
    for number in 0..70 {
        let name = *["bonus", "leave", "indemnity"].choose(&mut random).unwrap();
        let received =
            at("2020-04-01T12:00:00Z") + jiff::SignedDuration::from_millis(random.random_range(0..40));
        let of_person = random.random_range(0..25);
        let mut one = sent(number, of_person, name, received);
        add_children(&mut one, &mut random);
        if random.random_ratio(1, 6) {
            // another content under the same key
            let mut other = sent(
                number,
                of_person,
                ["bonus", "leave", "indemnity"].choose(&mut random).unwrap(),
                at("2020-04-01T12:00:00Z") + jiff::SignedDuration::from_millis(random.random_range(0..40)),
            );
            other.accepted.content_digest = ContentDigest::of(format!("{number} other").as_bytes());
            add_children(&mut other, &mut random);
            all.push(other);
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

/// Registers and withdraws all of it in batches of random length; what can't be done now is done
/// again.
async fn deliver_all(store: Store, all: Vec<Sent>, withdrawals: Vec<Withdrawal>, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut rest, mut to_withdraw) = (all.as_slice(), withdrawals.as_slice());
    while !(rest.is_empty() && to_withdraw.is_empty()) {
        let (batch, after) = rest.split_at(random.random_range(0..=rest.len().min(12)));
        while let Err(refused) = deliver(&store, batch, &bonus_or_leave()).await {
            assert!(
                matches!(refused, StoreError::Retry(_) | StoreError::TooSlow(_)),
                "{refused}"
            );
        }
        let some = random.random_range(0..=to_withdraw.len().min(3));
        let (now, later) = to_withdraw.split_at(some);
        while let Err(refused) = store.withdraw(now, &bonus_or_leave()).await {
            assert!(
                matches!(refused, StoreError::Retry(_) | StoreError::TooSlow(_)),
                "{refused}"
            );
        }
        (rest, to_withdraw) = (after, later);
    }
}

fn ids(withdrawals: &[Withdrawal]) -> BTreeSet<ApplicationId> {
    withdrawals.iter().map(|one| one.application_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_ones_stand_in_whatever_order_and_batches_they_come() {
    for seed in 0..8 {
        let database = migrated().await;
        let mut all = families(seed);
        let mut withdrawals = withdrawals(&all, seed);
        all.shuffle(&mut StdRng::seed_from_u64(seed + 100));
        withdrawals.shuffle(&mut StdRng::seed_from_u64(seed + 200));
        deliver_all(database.store.clone(), all.clone(), withdrawals.clone(), seed).await;
        assert_decided(&database, &all, &ids(&withdrawals), &bonus_or_leave()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_ones_stand_when_four_workers_register_at_once() {
    for seed in 0..4 {
        let database = migrated().await;
        let all = families(seed);
        let withdrawals = withdrawals(&all, seed);
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let (mut mine, mut withdrawals) = (all.clone(), withdrawals.clone());
                mine.shuffle(&mut StdRng::seed_from_u64(1000 * seed + worker));
                withdrawals.shuffle(&mut StdRng::seed_from_u64(1000 * seed + worker));
                tokio::spawn(deliver_all(database.store.clone(), mine, withdrawals, worker))
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        assert_decided(&database, &all, &ids(&withdrawals), &bonus_or_leave()).await;
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
            (
                "duplicate".into(),
                "same_person".into(),
                Some(("bonus".into(), crate::fixtures::person(person).as_str().into()))
            )
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
