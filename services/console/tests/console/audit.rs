//! The audit: entries are only added, and an export names nobody.

use sportello_testkit::{Account, Sandbox};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::{Console, REASON, set_workers, workers};

#[tokio::test(flavor = "multi_thread")]
async fn no_user_changes_or_deletes_an_entry_of_the_audit() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let set = console
        .change(set_workers("olga", Some(0), "a", workers(1, 5)))
        .await;
    assert_eq!(set.status(), 200);
    let own = sandbox.database_url_of(Account::Console);
    for url in [own.as_str(), sandbox.database_url()] {
        let mut connection = PgConnection::connect(url).await.unwrap();
        for statement in [
            "update console_audit set reason = 'nothing happened here'",
            "delete from console_audit",
            "truncate console_audit",
        ] {
            assert!(connection.execute(statement).await.is_err(), "{statement}");
        }
    }
    let entry = &console.json("/v1/audit").await["items"][0];
    assert_eq!((&entry["by"], &entry["reason"]), (&"olga".into(), &REASON.into()));
    assert_eq!(
        (&entry["action"], &entry["object"]),
        (&"set_workers".into(), &"workers".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_neither_names_nor_reasons() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    for (version, operator) in [(0, "olga"), (1, "anna"), (2, "olga")] {
        let key = version.to_string();
        let set = console
            .change(set_workers(operator, Some(version), &key, workers(1, 5)))
            .await;
        assert_eq!(set.status(), 200);
    }
    let csv = console.get("/v1/audit.csv").await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let csv = csv.text().await.unwrap();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    for personal in ["olga", "anna", REASON] {
        assert!(!csv.contains(personal), "{csv}");
    }
    let operators: Vec<&str> = csv
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(2))
        .collect();
    assert_eq!(operators, ["operator 1", "operator 2", "operator 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_read_page_by_page_and_by_action() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    for version in 0..3 {
        let key = version.to_string();
        let set = console
            .change(set_workers("olga", Some(version), &key, workers(1, 5)))
            .await;
        assert_eq!(set.status(), 200);
    }
    let first = console.json("/v1/audit?limit=2&action=set_workers").await;
    let next = first["next"].as_str().unwrap();
    let second = console.json(&format!("/v1/audit?limit=2&after={next}")).await;
    let entries = |page: &serde_json::Value| page["items"].as_array().unwrap().len();
    assert_eq!((entries(&first), entries(&second)), (2, 1));
    assert!(second.get("next").is_none());
    assert_eq!(entries(&console.json("/v1/audit?action=set_channel").await), 0);
    assert_eq!(console.get("/v1/audit?from=yesterday").await.status(), 400);
}
