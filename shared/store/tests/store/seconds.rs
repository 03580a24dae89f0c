//! The ledger's seconds: two days of them, of which one goes each second.

use sqlx::{AssertSqlSafe, Executor as _};

use crate::fixtures::migrated;

const FORGET: &str = include_str!("../../src/ledger/forget_seconds.sql");

#[tokio::test]
async fn a_second_is_forgotten_without_a_look_at_two_days() {
    let database = migrated().await;
    let mut connection = database.connection().await;
    let two_days =
        "insert into ledger_seconds (channel, at, answered, confirmed, settled, outstanding, spooled, lost)
         select channel, at, 0, 0, 0, 0, 0, 0
         from generate_series(now() - interval '2 days', now(), '10 seconds') as at,
             (values ('citizen'), ('intermediary')) as channels (channel)";
    connection.execute(two_days).await.unwrap();
    connection.execute("analyze ledger_seconds").await.unwrap();
    let explain = format!("explain {FORGET}").replace("$1", "'{citizen,intermediary}'::text[]");
    let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(explain))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let plan = plan.join("\n");
    assert!(
        plan.contains("ledger_seconds_pkey") && !plan.contains("Seq Scan"),
        "{plan}"
    );
}
