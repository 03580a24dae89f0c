//! Batches of intermediaries.

use sportello_domain::{
    AcceptedApplication, BatchId, BatchRow, Mandate, OrganisationId, Outcome, Reason, Submitter,
};
use sportello_store::{Arrival, BatchPlace, DeadLetterRow, Store};
use uuid::Uuid;

use crate::fixtures::{Database, application, id, migrated, received, register, with_answers};

fn batch(number: u128) -> BatchId {
    Uuid::from_u128(number).into()
}

fn aurora() -> Submitter {
    Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap())
}

/// Sent by an intermediary in a row of a batch.
fn in_row(application: AcceptedApplication, batch_number: u128, row: u32) -> AcceptedApplication {
    let mut sent = AcceptedApplication {
        submitter: aurora(),
        batch: Some(BatchRow {
            id: batch(batch_number),
            row,
        }),
        ..application
    };
    sent.application.mandate = Some(Mandate::parse("PA-2020/7").unwrap());
    sent
}

/// Rows and applications of a batch, in order.
async fn places(store: &Store, batch_number: u128) -> Vec<(u32, sportello_domain::ApplicationId)> {
    let page = store
        .batch_page(batch(batch_number), &aurora(), None, 1000)
        .await
        .unwrap();
    page.iter()
        .map(|placed| (placed.place.row, placed.place.id))
        .collect()
}

async fn rows(database: &Database) -> i64 {
    sqlx::query_scalar("select count(*) from batch_rows")
        .fetch_one(&mut database.connection().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_mandate_of_an_intermediary_is_stored_and_a_citizen_has_none() {
    let database = migrated().await;
    let sent = [application(1), in_row(application(2), 7, 1)];
    register(&database.store, &sent).await.unwrap();
    let mandates: Vec<Option<String>> =
        sqlx::query_scalar("select mandate from applications order by channel")
            .fetch_all(&mut database.connection().await)
            .await
            .unwrap();
    assert_eq!(mandates, [None, Some("PA-2020/7".to_owned())]);
}

#[tokio::test]
async fn every_delivery_has_its_row_whether_it_is_new_or_known_or_a_conflict() {
    let database = migrated().await;
    let first = [1, 2].map(|number| in_row(application(number), 7, number));
    // one that came alone is not of a batch
    register(&database.store, &[&first[..], &[application(9)]].concat())
        .await
        .unwrap();
    // the same again, and in another batch with a conflict and one that is new
    let again = in_row(application(1), 8, 1);
    let other = received(with_answers(2, r#"{"n": 1}"#), "2020-04-01T13:00:00Z");
    let conflict = in_row(other, 8, 2);
    let delivered = [first[0].clone(), again, conflict, in_row(application(3), 8, 3)];
    let registrations = register(&database.store, &delivered).await.unwrap();
    let arrivals: Vec<_> = registrations.iter().map(|r| r.arrival).collect();
    assert_eq!(
        arrivals,
        [Arrival::Again, Arrival::Again, Arrival::Conflict, Arrival::New]
    );

    assert_eq!(places(&database.store, 7).await, [(1, id(1)), (2, id(2))]);
    assert_eq!(
        places(&database.store, 8).await,
        [(1, id(1)), (2, id(2)), (3, id(3))]
    );
    register(&database.store, &delivered).await.unwrap();
    assert_eq!(rows(&database).await, 4);
    let tally = database.store.batch_tally(batch(8), &aurora()).await;
    let tally = tally.unwrap().unwrap();
    assert_eq!(
        (
            tally.rows,
            tally.of(Outcome::Registered),
            tally.of(Outcome::Conflict)
        ),
        (3, 2, 1)
    );
}

#[tokio::test]
async fn a_key_that_is_in_two_rows_is_one_application_with_both() {
    let database = migrated().await;
    let sent = [in_row(application(1), 7, 3), in_row(application(1), 7, 5)];
    register(&database.store, &sent).await.unwrap();
    assert_eq!(places(&database.store, 7).await, [(3, id(1)), (5, id(1))]);
    let tally = database.store.batch_tally(batch(7), &aurora()).await;
    let tally = tally.unwrap().unwrap();
    assert_eq!(
        (tally.rows, tally.of(Outcome::Registered), tally.repeated),
        (2, 1, 1)
    );
}

#[tokio::test]
async fn a_content_that_is_in_two_rows_is_one_conflict_and_a_repetition() {
    let database = migrated().await;
    register(&database.store, &[in_row(application(1), 7, 1)])
        .await
        .unwrap();
    let other = received(with_answers(1, r#"{"n": 1}"#), "2020-04-01T13:00:00Z");
    let sent = [in_row(other.clone(), 7, 2), in_row(other, 7, 3)];
    register(&database.store, &sent).await.unwrap();
    let tally = database.store.batch_tally(batch(7), &aurora()).await;
    let tally = tally.unwrap().unwrap();
    let outcomes = [Outcome::Registered, Outcome::Conflict].map(|outcome| tally.of(outcome));
    assert_eq!((tally.rows, outcomes, tally.repeated), (3, [1, 1], 1));
}

/// The dead letter of an application of a batch.
fn dead(number: u32, batch_number: u128, row: u32) -> DeadLetterRow {
    DeadLetterRow {
        batch: BatchRow {
            id: batch(batch_number),
            row,
        },
        application: id(number),
        submitter: OrganisationId::parse("patronato-aurora").unwrap(),
    }
}

#[tokio::test]
async fn a_dead_letter_counts_until_its_row_is_on_the_register() {
    let database = migrated().await;
    let store = &database.store;
    let counted = async || {
        let tally = store.batch_tally(batch(7), &aurora()).await.unwrap();
        tally.map(|tally| (tally.rows, tally.of(Outcome::Registered), tally.dead_lettered))
    };
    assert_eq!(counted().await, None);
    let letters = [dead(1, 7, 1), dead(2, 7, 2), dead(2, 8, 2)];
    for _ in 0..2 {
        store.record_dead_letters(&letters).await.unwrap();
        assert_eq!(counted().await, Some((2, 0, 2)));
    }
    // an operator has sent one again
    register(store, &[in_row(application(2), 7, 2)]).await.unwrap();
    assert_eq!(counted().await, Some((2, 1, 1)));

    let other = Submitter::Intermediary(OrganisationId::parse("patronato-borea").unwrap());
    assert_eq!(store.batch_tally(batch(7), &other).await.unwrap(), None);
}

#[tokio::test]
async fn a_batch_is_counted_as_it_is_decided_now() {
    let database = migrated().await;
    let store = &database.store;
    let sent: Vec<_> = (1..=5).map(|n| in_row(application(n), 7, n)).collect();
    register(store, &sent).await.unwrap();
    // one of these persons has applied earlier, as it turns out
    let mut earlier = received(application(3), "2020-04-01T06:00:00Z");
    earlier.id = id(99);
    register(store, &[earlier]).await.unwrap();

    let tally = store.batch_tally(batch(7), &aurora()).await.unwrap().unwrap();
    assert_eq!(tally.rows, 5);
    let counted = Outcome::ALL.map(|outcome| tally.of(outcome));
    assert_eq!(counted, [4, 1, 0, 0, 0, 0, 0]);
    let page = store.batch_page(batch(7), &aurora(), None, 1000).await.unwrap();
    let third = page.iter().find(|placed| placed.place.row == 3).unwrap();
    assert_eq!(
        (third.outcome, third.reason),
        (Outcome::Duplicate, Reason::SamePerson)
    );
}

#[tokio::test]
async fn a_batch_is_read_page_by_page_and_by_its_sender_alone() {
    let database = migrated().await;
    let store = &database.store;
    let sent: Vec<_> = (1..=7).map(|n| in_row(application(n), 7, n)).collect();
    register(store, &sent).await.unwrap();
    register(store, &[in_row(application(8), 8, 1)]).await.unwrap();

    let (mut seen, mut after) = (Vec::new(), None::<BatchPlace>);
    loop {
        let page = store.batch_page(batch(7), &aurora(), after, 3).await.unwrap();
        seen.extend(page.iter().map(|placed| placed.place.row));
        let Some(last) = page.last() else { break };
        after = Some(last.place);
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);

    let citizen = application(1).submitter;
    let other = Submitter::Intermediary(OrganisationId::parse("caf-borea").unwrap());
    for stranger in [citizen, other] {
        assert_eq!(store.batch_tally(batch(7), &stranger).await.unwrap(), None);
        assert_eq!(store.batch_page(batch(7), &stranger, None, 3).await.unwrap(), []);
    }
    assert_eq!(store.batch_tally(batch(9), &aurora()).await.unwrap(), None);
}

#[tokio::test]
async fn workers_that_register_the_same_batch_at_once_write_each_row_once() {
    let database = migrated().await;
    let sent: Vec<_> = (1..=200).map(|n| in_row(application(n), 7, n)).collect();
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let (store, mut sent) = (database.store.clone(), sent.clone());
            if worker % 2 == 1 {
                sent.reverse();
            }
            tokio::spawn(async move { while register(&store, &sent).await.is_err() {} })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(rows(&database).await, 200);
}
