//! The ledger: an open tail is closed once, with a reason.

use reqwest::Method;
use serde_json::{Value, json};
use sportello_testkit::Sandbox;
use sqlx::{Connection as _, PgConnection};

use crate::support::{Change, Console, REASON};

const PATH: &str = "/v1/ledger/tails/citizen/00000000000000ff/close";

/// Has an intake that ended two minutes ago without a last statement.
async fn tail(sandbox: &Sandbox, from: i64) -> PgConnection {
    let mut connection = PgConnection::connect(sandbox.database_url()).await.unwrap();
    sqlx::query(
        "insert into ledger_processes (process, channel, decided_below, stated_at, heard_at)
        values (255, 'citizen', $1, now() - interval '2 min', now() - interval '2 min')",
    )
    .bind(from)
    .execute(&mut connection)
    .await
    .unwrap();
    connection
}

fn close<'a>(operator: &'a str, seen: i64, key: &'a str) -> Change<'a> {
    Change {
        method: Method::POST,
        path: PATH,
        operator,
        seen: Some(seen),
        key,
        body: json!({ "reason": REASON }),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_tail_is_closed_once_with_a_reason() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    assert_eq!(console.change(close("olga", 4981, "a")).await.status(), 404);
    let mut database = tail(&sandbox, 4981).await;

    // its process has stated more than this author saw
    let stale = console.change(close("olga", 4980, "b")).await;
    assert_eq!(stale.status(), 412);
    let stale: Value = stale.json().await.unwrap();
    assert_eq!(stale["current"]["from"], 4981);
    assert_eq!(console.json("/v1/audit").await["items"], json!([]));

    for _ in 0..2 {
        let closed = console.change(close("olga", 4981, "c")).await;
        assert_eq!(closed.status(), 200);
        let closed: Value = closed.json().await.unwrap();
        assert_eq!(closed["process"], "00000000000000ff");
    }
    let row: (String, String) =
        sqlx::query_as("select closed_by, closed_reason from ledger_processes where process = 255")
            .fetch_one(&mut database)
            .await
            .unwrap();
    assert_eq!(row, ("olga".to_owned(), REASON.to_owned()));
    let audit = console.json("/v1/audit").await;
    let entries = audit["items"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (&entries[0]["action"], &entries[0]["object"]),
        (&json!("close_tail"), &json!("citizen/00000000000000ff"))
    );
    // nothing is open any more for another operator
    assert_eq!(console.change(close("anna", 4981, "d")).await.status(), 404);
}
