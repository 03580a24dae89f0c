//! A database with a standby.

use std::time::Duration;

use sportello_store::Store;
use sportello_testkit::{database_pair, eventually};
use sqlx::{Connection as _, PgConnection};

use crate::fixtures::{application, options, register};

const SOON: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn calls_go_to_the_host_that_can_be_written_to() {
    let mut pair = database_pair().await;
    let store = Store::connect(&pair.url(), &options()).unwrap();
    store.migrate().await.unwrap();
    register(&store, &[application(1)]).await.unwrap();

    pair.primary().process().kill().await.unwrap();
    pair.fail_over().unwrap();
    eventually(SOON, async || register(&store, &[application(2)]).await.ok()).await;

    // what was the primary is a standby now, and stands first in the address
    pair.start().await.unwrap();
    let later = Store::connect(&pair.url(), &options()).unwrap();
    eventually(SOON, async || register(&later, &[application(3)]).await.ok()).await;
    let mut primary = PgConnection::connect(&pair.primary().url()).await.unwrap();
    let registered: i64 = sqlx::query_scalar("select count(*) from applications")
        .fetch_one(&mut primary)
        .await
        .unwrap();
    assert_eq!(registered, 3, "nothing that was committed is lost");
}
