//! Migrations.

use sportello_store::{SchemaError, Store};
use sportello_testkit::Sandbox;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::fixtures::options;

#[tokio::test]
async fn a_schema_that_is_missing_is_reported_before_it_is_used() {
    let sandbox = Sandbox::database().await;
    let store = Store::connect(sandbox.database_url(), &options()).unwrap();
    assert!(matches!(store.check_schema().await, Err(SchemaError::Missing(1))));
    store.migrate().await.unwrap();
    store.check_schema().await.unwrap();
    store.migrate().await.unwrap();
}

#[tokio::test]
async fn several_processes_may_migrate_at_once() {
    let sandbox = Sandbox::database().await;
    let migrations: Vec<_> = (0..4)
        .map(|_| {
            let store = Store::connect(sandbox.database_url(), &options()).unwrap();
            tokio::spawn(async move { store.migrate().await })
        })
        .collect();
    for migration in migrations {
        migration.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_migration_that_was_changed_is_reported() {
    let sandbox = Sandbox::database().await;
    let store = Store::connect(sandbox.database_url(), &options()).unwrap();
    store.migrate().await.unwrap();
    let mut connection = PgConnection::connect(sandbox.database_url()).await.unwrap();
    connection
        .execute("update _sqlx_migrations set checksum = '\\x00' where version = 1")
        .await
        .unwrap();
    assert!(matches!(store.check_schema().await, Err(SchemaError::Changed(1))));
    assert!(matches!(store.migrate().await, Err(SchemaError::Changed(1))));
}

#[tokio::test]
async fn the_schema_of_a_newer_version_can_be_used() {
    let sandbox = Sandbox::database().await;
    let store = Store::connect(sandbox.database_url(), &options()).unwrap();
    store.migrate().await.unwrap();
    let mut connection = PgConnection::connect(sandbox.database_url()).await.unwrap();
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (9999, 'newer', true, '\\x00', 0)";
    connection.execute(newer).await.unwrap();
    store.check_schema().await.unwrap();
    store.migrate().await.unwrap();
}
