//! Two contents under one idempotency key.

use sportello_domain::{
    BatchRow, BudgetKey, Incompatibilities, OrganisationId, Outcome, Reason, Subject, Submitter,
};
use sportello_store::{Arrival, ContentReader, HistoryEvent, Sought};
use uuid::Uuid;

use crate::fixtures::{Database, Sent, at, benefit, id, migrated, received, register, sent, with_answers};

fn budget(name: &str) -> Option<BudgetKey> {
    Some(BudgetKey {
        benefit: benefit(name),
        category: None,
    })
}

/// A content under key 1 of person 1, and another one that was received a second earlier and
/// differs in all.
fn two_contents() -> (Sent, Sent) {
    let mut late = sent(1, 1, "bonus", at("2020-04-01T12:00:02Z"));
    late.ruling.amount_cents = Some(60_000);
    late.ruling.budget = budget("bonus");
    late.ruling.one_per.push(Subject::of("CHILD1"));
    let mut early = sent(1, 1, "leave", at("2020-04-01T12:00:01Z"));
    early.accepted.application = with_answers(1, r#"{"n": 1}"#).application;
    early.accepted.application.benefit = benefit("leave");
    early.accepted.application.category = None;
    early.ruling.amount_cents = Some(10_000);
    early.ruling.budget = budget("leave");
    early.ruling.one_per.push(Subject::of("CHILD2"));
    (late, early)
}

async fn deliver(database: &Database, batch: &[&Sent]) -> Vec<Arrival> {
    let batch: Vec<_> = batch.iter().map(|sent| sent.registrable()).collect();
    let none = Incompatibilities::default();
    let registered = database.store.register(&batch, &none).await.unwrap();
    registered.iter().map(|one| one.arrival).collect()
}

/// Everything on the register that does not depend on when it was written.
async fn register_of(database: &Database) -> serde_json::Value {
    const ALL: &str = "select jsonb_build_array(
        (select jsonb_agg(to_jsonb(a) - 'registered_at' order by id) from applications as a),
        (select jsonb_agg(to_jsonb(c) - 'recorded_at' order by content_digest) from application_conflicts as c),
        (select jsonb_agg(to_jsonb(s) order by subject) from application_subjects as s),
        (select jsonb_agg(to_jsonb(r) order by row) from batch_rows as r),
        (select jsonb_agg(to_jsonb(r) order by row) from conflict_rows as r)
    )";
    sqlx::query_scalar(ALL)
        .fetch_one(&mut database.connection().await)
        .await
        .unwrap()
}

fn in_row(mut sent: Sent, row: u32) -> Sent {
    sent.accepted.submitter = aurora();
    sent.accepted.batch = Some(BatchRow {
        id: Uuid::from_u128(7).into(),
        row,
    });
    sent
}

fn aurora() -> Submitter {
    Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap())
}

#[tokio::test]
async fn the_content_received_first_stands_in_whatever_order_they_come() {
    let (late, early) = two_contents();
    let (late, early) = (in_row(late, 1), in_row(early, 2));
    let mut registers = Vec::new();
    for order in [[&early, &late], [&late, &early]] {
        let database = migrated().await;
        for one in order {
            deliver(&database, &[one]).await;
        }
        let found = database.find(id(1)).await.unwrap();
        assert_eq!(
            (found.benefit, found.received_at, found.content_digest),
            (
                benefit("leave"),
                early.accepted.received_at,
                early.accepted.content_digest
            )
        );
        assert_eq!(found.conflicts.len(), 1);
        assert_eq!(found.conflicts[0].content_digest, late.accepted.content_digest);
        assert_eq!(found.conflicts[0].received_at, late.accepted.received_at);
        let budgets = database.store.budgets().await.unwrap();
        let claimed: i64 = budgets.iter().map(|budget| budget.claimed_cents).sum();
        assert_eq!(claimed, 10_000);
        let before = register_of(&database).await;
        deliver(&database, &[&late, &early, &late]).await;
        assert_eq!(register_of(&database).await, before);
        registers.push(before);
        // who asks for what stood first is not kept out by it
        let mut child = sent(2, 2, "bonus", at("2020-04-01T13:00:00Z"));
        child.ruling.one_per.push(Subject::of("CHILD1"));
        deliver(&database, &[&child]).await;
        assert_eq!(database.find(id(2)).await.unwrap().outcome, Outcome::Registered);
    }
    assert_eq!(registers[0], registers[1]);
}

#[tokio::test]
async fn history_says_that_another_content_took_the_place() {
    let database = migrated().await;
    let (late, early) = two_contents();
    deliver(&database, &[&late]).await;
    assert_eq!(deliver(&database, &[&early]).await, [Arrival::Replaced]);
    assert_eq!(deliver(&database, &[&late]).await, [Arrival::Conflict]);
    let found = database.find(id(1)).await.unwrap();
    let history: Vec<_> = found.history.iter().map(|entry| entry.event).collect();
    assert_eq!(history, [HistoryEvent::Registered, HistoryEvent::Replaced]);
}

#[tokio::test]
async fn those_that_waited_behind_what_was_replaced_stand() {
    let database = migrated().await;
    let (late, early) = two_contents();
    let mut child = sent(2, 2, "bonus", at("2020-04-01T13:00:00Z"));
    child.ruling.one_per.push(Subject::of("CHILD1"));
    deliver(&database, &[&late, &child]).await;
    assert_eq!(database.find(id(2)).await.unwrap().outcome, Outcome::Duplicate);
    deliver(&database, &[&early]).await;
    assert_eq!(database.find(id(2)).await.unwrap().outcome, Outcome::Registered);
}

#[tokio::test]
async fn a_batch_counts_and_lists_its_own_rows() {
    let database = migrated().await;
    let store = &database.store;
    let (late, early) = two_contents();
    let (late, early) = (in_row(late, 1), in_row(early, 2));
    let tally = async || {
        let tally = store.batch_tally(Uuid::from_u128(7).into(), &aurora()).await;
        let tally = tally.unwrap().unwrap();
        (
            tally.rows,
            tally.of(Outcome::Registered),
            tally.of(Outcome::Conflict),
        )
    };
    deliver(&database, &[&late]).await;
    assert_eq!(tally().await, (1, 1, 0));
    deliver(&database, &[&early]).await;
    assert_eq!(tally().await, (2, 1, 1));
    let page = store
        .batch_page(Uuid::from_u128(7).into(), &aurora(), None, 1000)
        .await;
    let told: Vec<_> = (page.unwrap().iter())
        .map(|one| (one.place.row, one.outcome, one.reason))
        .collect();
    assert_eq!(
        told,
        [
            (1, Outcome::Conflict, Reason::KeyReused),
            (2, Outcome::Registered, Reason::Regular)
        ]
    );
    let counts = store.counts().await.unwrap();
    let mut counted: Vec<_> = counts.iter().map(|one| (one.outcome, one.applications)).collect();
    counted.sort_unstable();
    assert_eq!(counted, [(Outcome::Registered, 1), (Outcome::Conflict, 1)]);
}

#[tokio::test]
async fn a_page_of_a_batch_never_parts_the_contents_of_a_row() {
    let database = migrated().await;
    let (late, early) = two_contents();
    // the file was corrected and sent again as the same batch
    deliver(&database, &[&in_row(late, 1), &in_row(early, 1)]).await;
    deliver(
        &database,
        &[&in_row(sent(2, 2, "bonus", at("2020-04-01T12:00:00Z")), 2)],
    )
    .await;
    let batch = Uuid::from_u128(7).into();
    let first = database
        .store
        .batch_page(batch, &aurora(), None, 1)
        .await
        .unwrap();
    assert_eq!(first.iter().map(|one| one.place.row).collect::<Vec<_>>(), [1, 1]);
    let after = Some(first[1].place);
    let rest = database
        .store
        .batch_page(batch, &aurora(), after, 1)
        .await
        .unwrap();
    assert_eq!(rest.iter().map(|one| one.place.row).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn a_conflict_is_read_whole_by_its_holder_alone() {
    let database = migrated().await;
    let (late, early) = two_contents();
    deliver(&database, &[&early, &late]).await;
    let digest = late.accepted.content_digest;
    let read = async |reader: Submitter| {
        let reader = ContentReader::Holder(reader);
        let found = database.store.conflict_content(id(1), &digest, &reader).await;
        found.unwrap()
    };
    let Sought::Held(content) = read(late.accepted.submitter.clone()).await else {
        panic!("its holder reads it")
    };
    assert_eq!(content.benefit, benefit("bonus"));
    assert_eq!(content.iban.as_deref(), Some("IT60X0542811101000000123456"));
    assert!(read(aurora()).await == Sought::Anothers);
}

#[tokio::test]
async fn an_answer_holds_the_last_conflicts_and_entries_alone() {
    let database = migrated().await;
    register(&database.store, &[with_answers(1, "{}")]).await.unwrap();
    let others: Vec<_> = (0..130)
        .map(|second| {
            let instant = format!("2020-04-01T13:{:02}:{:02}Z", second / 60, second % 60);
            received(with_answers(1, &format!(r#"{{"n": {second}}}"#)), &instant)
        })
        .collect();
    register(&database.store, &others).await.unwrap();
    let found = database.find(id(1)).await.unwrap();
    assert_eq!((found.conflicts.len(), found.history.len()), (20, 100));
    assert_eq!(found.conflicts[19].content_digest, others[129].content_digest);
}
