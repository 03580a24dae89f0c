//! The journal of reads.

use sportello_domain::{AccessReason, OrganisationId, Submitter};
use sportello_store::{ContentReader, PageSize, Sought};
use sqlx::Executor as _;

use crate::fixtures::{application, id, migrated, person, register};

#[tokio::test]
async fn nobody_but_its_holders_reads_an_application_and_only_what_is_read_is_recorded() {
    let database = migrated().await;
    let mut sent = application(1);
    let caf = |name: &str| Submitter::Intermediary(OrganisationId::parse(name).unwrap());
    sent.submitter = caf("caf-borea");
    register(&database.store, &[sent]).await.unwrap();

    for stranger in [caf("patronato-aurora"), Submitter::Citizen(person(2))] {
        assert_eq!(
            database.store.find(id(1), &stranger).await.unwrap(),
            Sought::Anothers
        );
        let content = ContentReader::Holder(stranger.clone());
        assert_eq!(
            database.store.content(id(1), &content).await.unwrap(),
            Sought::Anothers
        );
        let list = database.store.list(&stranger, PageSize::default(), None).await;
        assert_eq!(list.unwrap().items, []);
        let accesses = database
            .store
            .accesses(id(1), &stranger, PageSize::default(), None);
        assert_eq!(accesses.await.unwrap(), None);
    }
    let operator = ContentReader::Operator {
        issuer: "https://issuer.test".to_owned(),
        subject: "olga".to_owned(),
        reason: AccessReason::parse("complaint 2020/42").unwrap(),
    };
    let nothing = database.store.content(id(2), &operator).await.unwrap();
    assert_eq!(nothing, Sought::NotRegistered);
    let entries = "select count(*) from access_journal";
    let count: i64 = sqlx::query_scalar(entries)
        .fetch_one(&mut database.connection().await)
        .await
        .unwrap();
    assert_eq!(count, 0);

    for holder in [caf("caf-borea"), Submitter::Citizen(person(1))] {
        let held = database.store.find(id(1), &holder).await.unwrap().held();
        assert_eq!(held.unwrap().id, id(1));
    }
    let count: i64 = sqlx::query_scalar(entries)
        .fetch_one(&mut database.connection().await)
        .await
        .unwrap();
    assert_eq!(count, 2);
}

#[tokio::test]
async fn the_journal_can_only_grow() {
    let database = migrated().await;
    register(&database.store, &[application(1)]).await.unwrap();
    database.find(id(1)).await.unwrap();
    let mut connection = database.connection().await;
    for change in [
        "update access_journal set reader = ''",
        "delete from access_journal",
        "truncate access_journal",
    ] {
        let error = connection.execute(change).await.unwrap_err().to_string();
        assert!(error.contains("access_journal is append-only"), "{error}");
    }
    // only an operator gives a reason; only an operator's name has an issuer
    let (why, issuer) = ("'a good reason'", "'https://issuer.test'");
    for (role, reason, issuer, constraint) in [
        ("operator", "null", issuer, "say_why"),
        ("applicant", why, "null", "say_why"),
        ("operator", why, "null", "have_an_issuer"),
        ("applicant", "null", issuer, "have_an_issuer"),
    ] {
        let entry = format!(
            "insert into access_journal (application_id, role, reader, issuer, operation, reason)
             values (gen_random_uuid(), '{role}', 'somebody', {issuer}, 'content', {reason})"
        );
        let error = connection
            .execute(sqlx::AssertSqlSafe(entry))
            .await
            .unwrap_err()
            .to_string();
        let constraint = format!("access_journal_operators_{constraint}");
        assert!(error.contains(&constraint), "{error}");
    }
}

/// An intermediary may have sent a million.
#[tokio::test]
async fn a_page_is_found_without_reading_the_whole_list() {
    let database = migrated().await;
    let mut connection = database.connection().await;
    // small tables are read whole, as they should be
    connection.execute("set enable_seqscan = off").await.unwrap();
    for (list, index) in [
        (
            "channel = 'intermediary' and submitter = 'caf-borea'",
            "applications_of_intermediary",
        ),
        ("tax_code = 'RSSMRA80A01H501U'", "applications_of_applicant"),
    ] {
        let plan = format!(
            "explain select id from applications where {list} and (received_at, id) < (now(), gen_random_uuid())
             order by received_at desc, id desc limit 21"
        );
        let lines: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(plan))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        assert!(lines.iter().any(|(line,)| line.contains(index)), "{lines:?}");
    }
}
