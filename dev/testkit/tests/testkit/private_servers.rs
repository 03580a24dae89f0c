//! Private servers survive a kill, with their data.

use std::time::Duration;

use sportello_testkit::{broker, postgres};
use sqlx::{Connection, Executor, PgConnection, query_scalar};

#[tokio::test]
async fn a_killed_postgres_comes_back_at_the_same_address_with_what_was_committed() {
    let mut server = postgres().await;
    let url = server.url();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    connection
        .execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
        .await
        .unwrap();

    server.process().kill().await.unwrap();
    assert!(PgConnection::connect(&url).await.is_err());
    server.start().await.unwrap();

    assert_eq!(server.url(), url);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let kept: i32 = query_scalar("SELECT id FROM kept")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(kept, 7);
}

#[tokio::test]
async fn a_frozen_postgres_is_silent_until_it_is_thawed() {
    let server = postgres().await;
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();

    server.process().freeze();
    let answer = tokio::time::timeout(Duration::from_millis(300), connection.ping()).await;
    assert!(answer.is_err());
    server.process().thaw();

    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    connection.ping().await.unwrap();
}

#[tokio::test]
async fn a_killed_broker_comes_back_at_the_same_address() {
    let mut node = broker().await;
    let url = node.url();
    let properties = lapin::ConnectionProperties::default;
    lapin::Connection::connect(&url, properties()).await.unwrap();

    node.kill().await.unwrap();
    assert!(lapin::Connection::connect(&url, properties()).await.is_err());
    node.start().await.unwrap();

    assert_eq!(node.url(), url);
    lapin::Connection::connect(&url, properties()).await.unwrap();
    node.control(&["set_vm_memory_high_watermark", "0.4"]).unwrap();
    node.stop().await.unwrap();
}
