//! A receipt is the proof of its holder that an application was lost.

use std::time::Duration;

use sportello_testkit::{Issuer, Sandbox, eventually};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::{Status, people};

const SOON: Duration = Duration::from_secs(30);

async fn missing(database: &mut PgConnection) -> Vec<uuid::Uuid> {
    sqlx::query_scalar("select application_id from proven_missing")
        .fetch_all(database)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_whose_application_is_nowhere_is_an_alarm() {
    let sandbox = Sandbox::database().await;
    let often = [
        ("CITIZEN_REQUESTS_PER_MINUTE", "6000"),
        ("CITIZEN_REQUESTS_AT_ONCE", "1000"),
    ];
    let status = Status::start_with(sandbox.database_url(), Issuer::new(), &often).await;
    let (anna, _) = people();
    let (lost, lost_receipt) = status.application(&anna, "k-1");
    let (registered, receipt) = status.application(&anna, "k-2");
    status.register(&registered).await;
    let mut database = PgConnection::connect(sandbox.database_url()).await.unwrap();
    let ask = async || {
        for (application, receipt) in [(&lost, &lost_receipt), (&registered, &receipt)] {
            let id = application.id.to_string();
            assert_eq!(status.get(&anna, &id, Some(receipt)).await.status(), 200);
        }
    };

    // a message waits: it may be this one
    let waits = "update ledger_audit set
                     audited_at = now(), compared_since = now(), letters_kept_since = now() - interval '1 min';
                 update ledger_channels set queue_messages = case channel when 'citizen' then 1 else 0 end";
    database.execute(waits).await.unwrap();
    ask().await;
    assert!(missing(&mut database).await.is_empty());
    let page = async || status.service.get("/metrics").await.text().await.unwrap();
    let counted = |page: &str, count: u32| {
        let line = format!(" {count}");
        let is_it = |one: &&str| one.starts_with("sportello_status_proven_missing_total");
        page.lines()
            .find(is_it)
            .is_some_and(|found| found.ends_with(&line))
    };
    assert!(counted(&page().await, 0), "the series is there from the start");

    // a dead letter is on its way to its table, or stuck there: it may be this one
    let letter =
        "update ledger_channels set queue_messages = 0; update ledger_audit set letters_kept_since = null";
    database.execute(letter).await.unwrap();
    ask().await;
    assert!(missing(&mut database).await.is_empty());
    let just_kept = "update ledger_audit set letters_kept_since = audited_at - interval '9 s'";
    database.execute(just_kept).await.unwrap();
    ask().await;
    assert!(missing(&mut database).await.is_empty());

    let kept = "update ledger_audit set letters_kept_since = audited_at - interval '11 s'";
    database.execute(kept).await.unwrap();
    eventually(SOON, async || {
        ask().await;
        missing(&mut database).await == [*lost.id.as_uuid()]
    })
    .await;
    eventually(SOON, async || counted(&page().await, 1)).await;
    ask().await;
    assert_eq!(missing(&mut database).await.len(), 1);
    // its id stays out of the log
    assert!(!status.service.log().contains(&lost.id.to_string()));
    assert!(status.service.log().contains("is lost"));
}
