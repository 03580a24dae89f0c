//! Nobody's data is where it does not belong, and it goes when its time is over.

use jiff::Timestamp;
use sportello_dead_letters::Mending;
use sportello_domain::{Channel, Disposal};
use sportello_testkit::Account;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use worker::Retention;

use super::{ANNA, WHY, content_of, desk, message_of, with_a_wrong_account};
use crate::retention::{announced, with_retention};
use crate::support::{Office, citizen, person, settle};

/// PostgreSQL's code for what one has no right to do, and for a broken rule.
const NO_RIGHT: &str = "42501";
const BROKEN_RULE: &str = "23514";

async fn refused(office: &Office, account: Account, statement: &str, code: &str) {
    let url = account.address(&office.database_url);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let refused = sqlx::query(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await;
    let error = refused.unwrap_err();
    let found = error.as_database_error().unwrap().code().unwrap_or_default();
    assert_eq!(found, code, "{account:?} {statement}: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_content_is_read_without_a_reason() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    desk.dead_letter(&mut lane, &[message_of(&citizen(1), with_a_wrong_account)])
        .await;
    lane.close().await;
    let id = desk.letter().await.id;
    let read = |reason: &str| format!("select read_dead_letter('{id}', 'issuer', 'anna', {reason})");
    let console = Account::Console;
    for reason in ["null", "'too short'"] {
        refused(&desk.office, console, &read(reason), BROKEN_RULE).await;
    }
    let body = "select body from dead_letters";
    for account in [console, Account::Worker, Account::Status] {
        refused(&desk.office, account, body, NO_RIGHT).await;
    }
    refused(&desk.office, Account::Status, &read("'a good reason'"), NO_RIGHT).await;
    for statement in [
        "update dead_letter_events set author = 'bruno'",
        "delete from dead_letter_events",
        "insert into dead_letter_events (letter_id, event) values (gen_random_uuid(), 'settled')",
        "delete from dead_letters",
    ] {
        refused(&desk.office, console, statement, NO_RIGHT).await;
    }
    // and a worker removes none before its time, nor does anybody skip a state
    refused(
        &desk.office,
        Account::Worker,
        "delete from dead_letters",
        BROKEN_RULE,
    )
    .await;
    let skip = "update dead_letters set state = 'sent', job_id = gen_random_uuid()";
    refused(&desk.office, console, skip, BROKEN_RULE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_entry_or_job_holds_a_persons_data() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    let marked = |content: &mut serde_json::Value| {
        with_a_wrong_account(content);
        content["applicant"]["given_name"] = "Zenobia".into();
        content["applicant"]["email"] = "zenobia@example.org".into();
    };
    desk.dead_letter(&mut lane, &[message_of(&citizen(1), marked)])
        .await;
    let letter = desk.letter().await;
    let mut content = content_of(&citizen(1));
    content["applicant"]["given_name"] = "Zenobia".into();
    let content = content.to_string();
    let mended = desk.mender.mend(letter.id, 1, content.as_bytes(), &ANNA, &WHY);
    let mended = mended.await.unwrap();
    assert!(matches!(mended, Mending::Made { .. }), "{mended:?}");
    desk.ask_one(&desk.letter().await).await;
    while desk.requeuer.step().await.unwrap().letters == 0 {}
    settle(&mut lane, 1).await;
    lane.close().await;

    let mut shown = format!("{:?}", desk.letters().await);
    let mut connection = desk.office.connection().await;
    for rows in [
        "select (to_jsonb(t) - 'body')::text from dead_letters as t",
        "select to_jsonb(t)::text from dead_letter_events as t",
        "select to_jsonb(t)::text from requeue_jobs as t",
        "select to_jsonb(t)::text from requeue_job_letters as t",
        "select to_jsonb(t)::text from dead_letter_sums as t",
    ] {
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(rows))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        assert!(!rows.is_empty());
        shown.extend(rows);
    }
    for mark in ["Zenobia", "zenobia", "Rossi", person(1).as_str(), "IT60X", "IT00"] {
        assert!(!shown.contains(mark), "{mark} in {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_with_its_benefits_term_and_does_not_come_back() {
    let desk = desk().await;
    let office = &desk.office;
    let mut lane = office.lane(Channel::Citizen);
    let body = message_of(&citizen(1), with_a_wrong_account);
    desk.dead_letter(&mut lane, &[body]).await;
    let letter = desk.letter().await;
    let read = desk.store.read_dead_letter(letter.id, &ANNA, &WHY);
    assert!(read.await.unwrap().is_some());

    with_retention(office, 1, Disposal::Pseudonymise).await;
    let retention = Retention::new(office.worker_store.clone(), office.catalogue.clone());
    announced(office, &retention).await;
    let purged = retention.step(Timestamp::now()).await.unwrap();
    let purged: Vec<_> = purged
        .benefits
        .iter()
        .map(|one| (one.applications, one.dead_letters))
        .collect();
    assert_eq!(purged, [(0, 1)]);
    assert_eq!(desk.letters().await, []);
    let mut connection = office.connection().await;
    for left in ["dead_letter_events", "access_journal"] {
        let count = format!("select count(*) from {left}");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(count, 0, "{left}");
    }
    let counted: i64 = sqlx::query_scalar("select sum(applications)::bigint from purged_dead_letters")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(counted, 1);
    // a message that was on its way comes too late
    office.publish([citizen(1)]).await;
    let done = settle(&mut lane, 1).await;
    lane.close().await;
    assert_eq!(done.registered, 0);
    assert_eq!(office.count().await, 0);
}
