//! Refusals of the database.

use sportello_store::{InvalidUrl, Store, StoreError, StoreOptions};
use sqlx::Executor as _;

use crate::fixtures::{SHORT, SOON, application, id, migrated, options, received, register};

#[tokio::test]
async fn a_row_against_the_rules_fails_its_whole_batch_with_the_rules_name() {
    let database = migrated().await;
    let poison = received(application(2), "1999-06-01T00:00:00Z");
    let refused = register(&database.store, &[application(1), poison])
        .await
        .unwrap_err();
    let StoreError::Fail(refusal) = refused else {
        panic!("{refused}")
    };
    assert_eq!(
        refusal.to_string(),
        "constraint applications_protocol_year (SQLSTATE 23514)"
    );
    assert_eq!(database.find(id(1)).await, None);
    register(&database.store, &[application(1)]).await.unwrap();
}

#[tokio::test]
async fn a_sequence_that_lags_behind_its_table_is_no_rows_fault() {
    let database = migrated().await;
    register(&database.store, &[application(1), application(2)])
        .await
        .unwrap();
    database
        .connection()
        .await
        .execute("select setval('protocol_numbers_2020', 1, false)")
        .await
        .unwrap();
    for _ in 0..2 {
        let refused = register(&database.store, &[application(3)]).await.unwrap_err();
        assert!(matches!(refused, StoreError::Retry(_)), "{refused}");
    }
    assert_eq!(
        register(&database.store, &[application(3)]).await.unwrap()[0]
            .protocol
            .number,
        3
    );
}

#[tokio::test]
async fn a_sequence_that_is_gone_is_made_again() {
    let database = migrated().await;
    register(&database.store, &[application(1)]).await.unwrap();
    database
        .connection()
        .await
        .execute("alter sequence protocol_numbers_2020 rename to gone")
        .await
        .unwrap();
    let refused = register(&database.store, &[application(2)]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Retry(_)), "{refused}");
    // number 1 is taken, the next one is not
    assert!(register(&database.store, &[application(2)]).await.is_err());
    register(&database.store, &[application(2)]).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_takes_too_long_may_be_tried_again() {
    let database = migrated().await;
    let limits = [
        StoreOptions {
            statement_timeout: SHORT,
            ..options()
        },
        StoreOptions {
            lock_timeout: SHORT,
            ..options()
        },
    ];
    let mut other = database.connection().await;
    other
        .execute("begin; lock table applications in access exclusive mode")
        .await
        .unwrap();
    for limits in limits {
        let store = Store::connect(database.sandbox.database_url(), &limits).unwrap();
        let refused = register(&store, &[application(1)]).await.unwrap_err();
        assert!(matches!(refused, StoreError::TooSlow(_)), "{refused}");
    }
    other.execute("rollback").await.unwrap();
    register(&database.store, &[application(1)]).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_was_ended_is_replaced() {
    let database = migrated().await;
    database.store.ping().await.unwrap();
    let ended = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid()";
    database.connection().await.execute(ended).await.unwrap();
    sportello_testkit::eventually(SOON, async || {
        register(&database.store, &[application(1)]).await.ok()
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_not_there_may_be_tried_again() {
    let nowhere = format!(
        "postgres://sportello@127.0.0.1:{}/sportello",
        sportello_testkit::free_port()
    );
    let store = Store::connect(
        &nowhere,
        &StoreOptions {
            acquire_timeout: SHORT,
            ..options()
        },
    )
    .unwrap();
    for refused in [
        store.ping().await.unwrap_err(),
        register(&store, &[application(1)]).await.unwrap_err(),
    ] {
        assert!(matches!(refused, StoreError::Retry(_)), "{refused}");
    }
}

#[test]
fn an_address_that_is_none_is_not_repeated() {
    let refused = Store::connect("postgres://user:secret@:not-a-port/x", &options()).unwrap_err();
    assert_eq!(refused, InvalidUrl::Form);
    assert!(!format!("{refused} {refused:?}").contains("secret"));
}
