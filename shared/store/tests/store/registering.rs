//! What registering stores.

use sportello_domain::{AcceptedApplication, Channel, OrganisationId, Outcome, Submitter};
use sportello_store::{Arrival, HistoryEvent};

use crate::fixtures::{NOON, application, at, id, migrated, person, received, register, with_answers};

#[tokio::test]
async fn a_registered_application_is_found_with_all_that_its_holder_may_know() {
    let database = migrated().await;
    let sent = application(1);
    let registrations = register(&database.store, std::slice::from_ref(&sent))
        .await
        .unwrap();
    assert_eq!(registrations.len(), 1);
    assert_eq!(registrations[0].arrival, Arrival::New);
    assert_eq!(registrations[0].protocol.to_string(), "2020-0000001");

    let found = database.find(sent.id).await.unwrap();
    assert_eq!(found.protocol, registrations[0].protocol);
    assert_eq!(found.registered_at, registrations[0].registered_at);
    assert_eq!(
        (found.outcome, found.received_at),
        (Outcome::Registered, at(NOON))
    );
    assert_eq!((found.submitter, found.tax_code), (sent.submitter, person(1)));
    assert_eq!(
        (found.benefit, found.category),
        (sent.application.benefit, sent.application.category)
    );
    assert_eq!(
        (found.content_digest, found.conflicts),
        (sent.content_digest, vec![])
    );
    let history: Vec<_> = found.history.iter().map(|entry| entry.event).collect();
    assert_eq!(history, [HistoryEvent::Registered]);
    assert_eq!(database.find(id(2)).await, None);
}

#[tokio::test]
async fn everything_that_was_sent_is_stored() {
    let database = migrated().await;
    let intermediary = Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap());
    let mut sent = with_answers(1, r#"{"children": [{"age": 3}], "note": "caffè ☕ \\u0041"}"#);
    sent.submitter = intermediary.clone();
    register(&database.store, std::slice::from_ref(&sent))
        .await
        .unwrap();

    assert_eq!(database.find(sent.id).await.unwrap().submitter, intermediary);
    let row: (String, String, String, String, String, serde_json::Value) =
        sqlx::query_as("select given_name, family_name, email, phone, iban, answers from applications")
            .fetch_one(&mut database.connection().await)
            .await
            .unwrap();
    assert_eq!(
        (row.0.as_str(), row.1.as_str(), row.2.as_str()),
        ("Mario", "Rossi", "mario.rossi@example.org")
    );
    assert_eq!(
        (row.3.as_str(), row.4.as_str()),
        ("+39061234567", "IT60X0542811101000000123456")
    );
    assert_eq!(&row.5, sent.application.answers.as_json());

    let counts = database.store.counts().await.unwrap();
    assert_eq!(counts.len(), 1);
    assert_eq!(
        (counts[0].channel, counts[0].outcome),
        (Channel::Intermediary, Outcome::Registered)
    );
    assert_eq!(
        (counts[0].benefit.as_str(), counts[0].applications),
        ("indemnity-march-2020", 1)
    );
}

#[tokio::test]
async fn a_redelivery_changes_nothing_and_takes_no_number() {
    let database = migrated().await;
    let batch: Vec<_> = (1..=3).map(application).collect();
    let first = register(&database.store, &batch).await.unwrap();
    let found = database.find(id(1)).await;

    let again = register(&database.store, &batch).await.unwrap();
    for (again, first) in again.iter().zip(&first) {
        assert_eq!(again.arrival, Arrival::Again);
        assert_eq!(
            (again.protocol, again.registered_at),
            (first.protocol, first.registered_at)
        );
    }
    assert_eq!(database.find(id(1)).await, found);
    let next = register(&database.store, &[application(4)]).await.unwrap();
    assert_eq!(next[0].protocol.number, 4);
}

#[tokio::test]
async fn numbers_follow_the_receipts_within_a_batch_and_begin_anew_each_year_in_italy() {
    let database = migrated().await;
    let batch = [
        received(application(1), "2020-12-31T22:59:59Z"),
        // half past midnight on 1 January in Rome
        received(application(2), "2020-12-31T23:30:00Z"),
        received(application(3), "2020-06-01T10:00:00Z"),
        received(application(4), "2020-03-01T10:00:00Z"),
    ];
    let registrations = register(&database.store, &batch).await.unwrap();
    let numbers: Vec<_> = registrations.iter().map(|r| r.protocol.to_string()).collect();
    assert_eq!(
        numbers,
        ["2020-0000003", "2021-0000001", "2020-0000002", "2020-0000001"]
    );
}

#[tokio::test]
async fn the_earliest_receipt_of_a_content_stands() {
    let database = migrated().await;
    let sent = application(1);
    let first = register(&database.store, std::slice::from_ref(&sent))
        .await
        .unwrap();
    let batch = [
        "2020-04-01T13:00:00Z",
        "2020-04-01T11:00:00Z",
        "2020-04-01T11:30:00Z",
    ]
    .map(|instant| received(sent.clone(), instant));
    let again = register(&database.store, &batch).await.unwrap();
    let arrivals: Vec<_> = again.iter().map(|r| r.arrival).collect();
    assert_eq!(arrivals, [Arrival::Again, Arrival::Earlier, Arrival::Earlier]);

    let found = database.find(sent.id).await.unwrap();
    assert_eq!(
        (found.received_at, found.protocol),
        (at("2020-04-01T11:00:00Z"), first[0].protocol)
    );
    let history: Vec<_> = found.history.iter().map(|entry| entry.event).collect();
    assert_eq!(history, [HistoryEvent::Registered, HistoryEvent::ReceivedEarlier]);
}

#[tokio::test]
async fn of_two_contents_in_one_batch_the_one_received_first_is_registered() {
    let database = migrated().await;
    let late = received(with_answers(1, r#"{"n": 1}"#), "2020-04-01T12:00:02Z");
    let early = received(with_answers(1, r#"{"n": 2}"#), "2020-04-01T12:00:01Z");
    let retry = received(early.clone(), "2020-04-01T12:00:03Z");
    let registrations = register(&database.store, &[late.clone(), early.clone(), retry])
        .await
        .unwrap();
    let arrivals: Vec<_> = registrations.iter().map(|r| r.arrival).collect();
    assert_eq!(arrivals, [Arrival::Conflict, Arrival::New, Arrival::Again]);

    let found = database.find(early.id).await.unwrap();
    assert_eq!(
        (found.content_digest, found.received_at),
        (early.content_digest, early.received_at)
    );
    assert_eq!(found.conflicts.len(), 1);
    assert_eq!(found.conflicts[0].content_digest, late.content_digest);
}

#[tokio::test]
async fn another_content_under_the_same_id_is_a_conflict_recorded_once() {
    let database = migrated().await;
    let first = application(1);
    register(&database.store, std::slice::from_ref(&first))
        .await
        .unwrap();
    // received earlier, but registered later: the first one registered stands
    let other = received(with_answers(1, r#"{"n": 1}"#), "2020-04-01T11:00:00Z");
    for _ in 0..2 {
        let again = register(&database.store, &[other.clone(), first.clone(), other.clone()])
            .await
            .unwrap();
        let arrivals: Vec<_> = again.iter().map(|r| r.arrival).collect();
        assert_eq!(arrivals, [Arrival::Conflict, Arrival::Again, Arrival::Conflict]);
    }
    let found = database.find(first.id).await.unwrap();
    assert_eq!(
        (found.content_digest, found.received_at),
        (first.content_digest, first.received_at)
    );
    assert_eq!(found.conflicts.len(), 1);
    assert_eq!(found.conflicts[0].received_at, other.received_at);
    let history: Vec<_> = found.history.iter().map(|entry| entry.event).collect();
    assert_eq!(history, [HistoryEvent::Registered, HistoryEvent::Conflict]);
}

#[tokio::test]
async fn the_history_can_only_grow_and_names_nobody() {
    let database = migrated().await;
    register(&database.store, &[application(1), with_answers(1, r#"{"n": 1}"#)])
        .await
        .unwrap();
    register(
        &database.store,
        &[received(application(1), "2020-04-01T11:00:00Z")],
    )
    .await
    .unwrap();
    let mut connection = database.connection().await;
    for change in [
        "update application_history set at = now()",
        "delete from application_history",
    ] {
        let refused = sqlx::query(change).execute(&mut connection).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    let details: Vec<String> =
        sqlx::query_scalar("select detail::text from application_history order by entry")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert_eq!(
        details,
        [
            r#"{"reason": "regular", "outcome": "registered"}"#,
            r#"{"received_at": "2020-04-01T12:00:00+00:00"}"#,
            r#"{"to": "2020-04-01T11:00:00+00:00", "from": "2020-04-01T12:00:00+00:00"}"#,
        ]
    );
}

#[tokio::test]
async fn an_id_that_was_used_for_somebody_else_is_found_though_the_person_is_new() {
    let database = migrated().await;
    register(&database.store, &[application(1)]).await.unwrap();
    let for_another = AcceptedApplication {
        id: id(1),
        ..application(2)
    };
    let registrations = register(&database.store, &[for_another, application(3)])
        .await
        .unwrap();
    let arrivals: Vec<_> = registrations.iter().map(|r| r.arrival).collect();
    assert_eq!(arrivals, [Arrival::Conflict, Arrival::New]);
    assert_eq!(database.find(id(1)).await.unwrap().tax_code, person(1));
}

#[tokio::test]
async fn an_application_does_not_go_without_its_history() {
    let database = migrated().await;
    register(&database.store, &[application(1)]).await.unwrap();
    let removed = sqlx::query("delete from applications")
        .execute(&mut database.connection().await)
        .await;
    let constraint = removed
        .unwrap_err()
        .into_database_error()
        .and_then(|error| error.constraint().map(str::to_owned));
    assert_eq!(constraint.as_deref(), Some("application_history_application"));
}

#[tokio::test]
async fn an_empty_batch_does_nothing() {
    assert_eq!(register(&migrated().await.store, &[]).await.unwrap(), []);
}
