//! The rows that registering stores.

use sportello_domain::{
    AcceptedApplication, Applicant, Application, ContentDigest, OrganisationId, Outcome, Reason, Submitter,
};
use sportello_store::{Arrival, ContentReader, HistoryEvent, RegisteredContent, Sought, StoreError};

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

/// A content with a value in every field that there is.
fn full() -> AcceptedApplication {
    let mut sent = application(1);
    let content = format!(
        r#"{{"benefit": "indemnity-march-2020", "category": "self-employed", "mandate": "PA-2020/7", "applicant": {{
            "tax_code": "{}", "given_name": "Mario", "family_name": "Rossi", "birth_date": "1980-01-01",
            "email": "mario.rossi@example.org", "phone": "+39061234567", "iban": "IT60X0542811101000000123456"}},
            "answers": {{"text": "caffè ☕ \\u0041", "number": 1.50, "yes": true,
            "children": [{{"age": 3}}], "no": null}}}}"#,
        person(1).as_str()
    );
    sent.submitter = Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap());
    sent.content_digest = ContentDigest::of(content.as_bytes());
    sent.application = Application::parse(content.as_bytes()).unwrap();
    sent
}

#[tokio::test]
async fn a_person_with_one_name_is_registered() {
    let database = migrated().await;
    let mut sent = application(1);
    sent.application.applicant.given_name = None;
    register(&database.store, std::slice::from_ref(&sent))
        .await
        .unwrap();
    let holder = ContentReader::Holder(sent.submitter.clone());
    let Sought::Held(content) = database.store.content(sent.id, &holder).await.unwrap() else {
        panic!("the holder reads it");
    };
    assert_eq!(
        (content.given_name, content.family_name.as_str()),
        (None, "Rossi")
    );
}

#[tokio::test]
async fn every_field_that_was_sent_is_read_back() {
    let database = migrated().await;
    let sent = full();
    let other = received(with_answers(1, "{}"), "2020-04-01T13:00:00Z");
    let other = AcceptedApplication {
        submitter: sent.submitter.clone(),
        ..other
    };
    // once as an application, and once as a conflict
    register(&database.store, std::slice::from_ref(&sent))
        .await
        .unwrap();
    let reader = ContentReader::Holder(sent.submitter.clone());
    let as_application = database.store.content(sent.id, &reader).await.unwrap();
    register(&database.store, &[received(other, "2020-04-01T11:00:00Z")])
        .await
        .unwrap();
    let digest = &sent.content_digest;
    let as_conflict = database
        .store
        .conflict_content(sent.id, digest, &reader)
        .await
        .unwrap();
    for found in [as_application, as_conflict] {
        assert_same(&sent, found.held().unwrap());
    }
}

/// Everything is compared: the patterns are without `..`, so that no new field is forgotten.
fn assert_same(sent: &AcceptedApplication, found: RegisteredContent) {
    let RegisteredContent {
        id,
        benefit,
        category,
        received_at,
        content_digest,
        mandate,
        tax_code,
        given_name,
        family_name,
        birth_date,
        email,
        phone,
        iban,
        answers,
    } = found;
    assert_eq!((id, received_at), (sent.id, sent.received_at));
    assert_eq!(content_digest, sent.content_digest);
    let Application {
        benefit: sent_benefit,
        category: sent_category,
        mandate: sent_mandate,
        applicant,
        answers: sent_answers,
    } = &sent.application;
    assert_eq!((&benefit, &category), (sent_benefit, sent_category));
    assert_eq!(mandate.as_deref(), sent_mandate.as_ref().map(|one| one.as_str()));
    assert_eq!(&answers, sent_answers.as_json());
    let found = [given_name, Some(family_name), email, phone, iban];
    let Applicant {
        tax_code: sent_code,
        given_name,
        family_name,
        birth_date: sent_birth,
        email,
        phone,
        iban,
    } = applicant;
    assert_eq!((&tax_code, &birth_date), (sent_code, sent_birth));
    let sent = [
        given_name.as_ref().map(|one| one.as_str()),
        Some(family_name.as_str()),
        email.as_ref().map(|one| one.as_str()),
        phone.as_ref().map(|one| one.as_str()),
        iban.as_ref().map(|one| one.as_str()),
    ];
    assert_eq!(found.each_ref().map(Option::as_deref), sent);
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
    let other = received(with_answers(1, r#"{"n": 1}"#), "2020-04-01T13:00:00Z");
    for _ in 0..2 {
        let again = register(&database.store, &[other.clone(), first.clone(), other.clone()])
            .await
            .unwrap();
        let arrivals: Vec<_> = again.iter().map(|r| r.arrival).collect();
        assert_eq!(arrivals, [Arrival::Conflict, Arrival::Again, Arrival::Conflict]);
        let told = again.iter().map(|r| (r.outcome, r.reason));
        let conflict = (Outcome::Conflict, Reason::KeyReused);
        let registered = (Outcome::Registered, Reason::Regular);
        assert_eq!(told.collect::<Vec<_>>(), [conflict, registered, conflict]);
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
    let other = received(with_answers(1, r#"{"n": 1}"#), "2020-04-01T12:00:01Z");
    register(&database.store, &[application(1), other]).await.unwrap();
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
            r#"{"received_at": "2020-04-01T12:00:01+00:00"}"#,
            r#"{"to": "2020-04-01T11:00:00+00:00", "from": "2020-04-01T12:00:00+00:00"}"#,
        ]
    );
}

#[tokio::test]
async fn an_id_that_is_used_for_somebody_else_is_refused() {
    let database = migrated().await;
    register(&database.store, &[application(1)]).await.unwrap();
    let for_another = AcceptedApplication {
        id: id(1),
        ..application(2)
    };
    for batch in [vec![for_another.clone()], vec![application(1), for_another]] {
        let refused = register(&database.store, &batch).await;
        let Err(StoreError::Fail(refusal)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(refusal.constraint.as_deref(), Some("applications_pkey"));
    }
    let found = database.find(id(1)).await.unwrap();
    assert_eq!((found.tax_code, found.conflicts), (person(1), vec![]));
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
