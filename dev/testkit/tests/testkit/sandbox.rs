//! The sandbox on real servers: private to a test, and nothing left behind.

use std::time::Duration;

use sportello_testkit::{Sandbox, eventually};
use sqlx::{Connection, PgConnection, query_scalar};

const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn two_sandboxes_share_nothing_and_leave_nothing() {
    let (one, two) = tokio::join!(Sandbox::both(), Sandbox::both());
    assert_ne!(one.database_url(), two.database_url());
    assert_ne!(one.amqp_url(), two.amqp_url());

    let mut connection = PgConnection::connect(one.database_url()).await.unwrap();
    let url = one.database_url().to_owned();
    let amqp = one.amqp_url().to_owned();
    let _open = lapin::Connection::connect(&amqp, lapin::ConnectionProperties::default())
        .await
        .unwrap();
    drop(one);

    assert!(
        query_scalar::<_, i32>("SELECT 1")
            .fetch_one(&mut connection)
            .await
            .is_err()
    );
    assert!(PgConnection::connect(&url).await.is_err());
    assert!(
        lapin::Connection::connect(&amqp, lapin::ConnectionProperties::default())
            .await
            .is_err()
    );
    PgConnection::connect(two.database_url()).await.unwrap();
}

#[tokio::test]
async fn the_connections_to_a_virtual_host_can_be_closed() {
    let sandbox = Sandbox::queue().await;
    let properties = lapin::ConnectionProperties::default();
    let connection = lapin::Connection::connect(sandbox.amqp_url(), properties)
        .await
        .unwrap();

    sandbox.close_connections().await;

    eventually(SOON, async || !connection.status().connected()).await;
}
