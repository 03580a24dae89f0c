//! The rights of each role, and no others.

use std::collections::{BTreeMap, BTreeSet};

use sportello_store::{Store, StoreOptions};
use sportello_testkit::{Account, Sandbox, assert_fresh};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::fixtures::{Database, application, id, migrated, options, register};

/// PostgreSQL's code for what one has no right to do.
const REFUSED: &str = "42501";

/// Role, then table or function, then its rights.
type Rights = BTreeMap<String, BTreeMap<String, Vec<String>>>;

async fn rights(connection: &mut PgConnection) -> Rights {
    let rows: Vec<(String, String, String)> = sqlx::query_as(include_str!("rights.sql"))
        .fetch_all(connection)
        .await
        .unwrap();
    let mut rights = Rights::from([("everybody".to_owned(), BTreeMap::new())]);
    for (role, object, privilege) in rows {
        let objects = rights.entry(role).or_default();
        objects.entry(object).or_default().push(privilege);
    }
    rights
}

#[tokio::test]
async fn each_role_has_the_rights_of_the_written_list_and_no_others() {
    let database = migrated().await;
    let rights = rights(&mut database.connection().await).await;
    assert_fresh("docs/rights.json", &serde_json::to_value(rights).unwrap());
}

#[tokio::test]
async fn no_table_is_without_a_role_that_uses_it() {
    let database = migrated().await;
    let mut connection = database.connection().await;
    let tables: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let rights = rights(&mut connection).await;
    let used: BTreeSet<&String> = rights.values().flat_map(BTreeMap::keys).collect();
    let unused: Vec<_> = tables.iter().filter(|table| !used.contains(table)).collect();
    assert!(
        unused.is_empty(),
        "no role has any right on {unused:?}: grant what is needed"
    );
}

impl Database {
    /// Asserts that the account has no right to do any of this.
    async fn refuses(&self, account: Account, statements: &[&str]) {
        let url = self.sandbox.database_url_of(account);
        let mut connection = PgConnection::connect(&url).await.unwrap();
        for statement in statements {
            let refused = connection.execute(AssertSqlSafe(*statement)).await;
            let code = refused.err().and_then(|error| {
                let error = error.into_database_error()?;
                error.code().map(|code| code.into_owned())
            });
            assert_eq!(code.as_deref(), Some(REFUSED), "{account:?}: {statement}");
        }
    }

    async fn with_an_application_that_was_read(self) -> Self {
        register(&self.store, &[application(1)]).await.unwrap();
        assert!(self.find(id(1)).await.is_some());
        self
    }
}

/// Statements that no role of the register may run.
const OWNERS_ALONE: [&str; 14] = [
    "alter table access_journal disable trigger all",
    "drop trigger access_journal_append_only on access_journal",
    "alter table applications disable trigger all",
    "create or replace function refuse_loss() returns trigger language plpgsql as 'begin return null; end'",
    "set session_replication_role = replica",
    "truncate access_journal",
    "truncate application_history",
    "update access_journal set reader = 'nobody'",
    "update application_history set detail = '{}'",
    "update applications set protocol_number = protocol_number + 1",
    "update _sqlx_migrations set checksum = ''",
    "drop table applications",
    "create table mine (id integer)",
    "create temporary table mine (id integer)",
];

#[tokio::test]
async fn status_reads_and_adds_to_the_journal_and_changes_nothing() {
    let database = migrated().await.with_an_application_that_was_read().await;
    database.refuses(Account::Status, &OWNERS_ALONE).await;
    let statements = [
        "update applications set outcome = 'registered'",
        "delete from applications",
        "select from applications for update",
        "insert into application_history (application_id, event, detail) values (gen_random_uuid(), 'decided', '{}')",
        "delete from application_history",
        "delete from access_journal",
        // of another instant than now
        "insert into access_journal (application_id, at, role, reader, operation)
         values (gen_random_uuid(), '2020-04-01', 'applicant', 'somebody', 'find')",
        "insert into batch_rows values (gen_random_uuid(), 1, gen_random_uuid())",
        "delete from forgotten",
        "insert into forgotten (id) values (gen_random_uuid())",
        // more than it shows
        "select reader from access_journal",
        "select from subjects",
        "select from application_subjects",
        "select from pending_withdrawals",
        "select from budgets",
        "select from budget_movements",
        "select from purged_applications",
        "select ensure_protocol_sequence(2020::smallint)",
        "select nextval('protocol_numbers_2020')",
    ];
    database.refuses(Account::Status, &statements).await;
}

#[tokio::test]
async fn the_worker_can_not_touch_the_journal_nor_set_numbers_back() {
    let database = migrated().await.with_an_application_that_was_read().await;
    database.refuses(Account::Worker, &OWNERS_ALONE).await;
    let statements = [
        "select reader from access_journal",
        "insert into access_journal (application_id, role, reader, operation)
         values (gen_random_uuid(), 'applicant', 'somebody', 'find')",
        "update applications set id = gen_random_uuid()",
        "update applications set channel = 'intermediary'",
        "update applications set registered_at = '2020-01-01'",
        "delete from purged_applications",
        "delete from forgotten",
        "update forgotten set at = '2020-01-01'",
        "delete from budgets",
        "select setval('protocol_numbers_2020', 1)",
        "drop sequence protocol_numbers_2020",
        "create sequence protocol_numbers_2021",
    ];
    database.refuses(Account::Worker, &statements).await;

    let url = database.sandbox.database_url_of(Account::Worker);
    let mut worker = PgConnection::connect(&url).await.unwrap();
    let removed = worker.execute("delete from access_journal").await.unwrap_err();
    assert!(removed.to_string().contains("append-only"), "{removed}");
}

#[tokio::test]
async fn the_console_counts_and_reads_nothing_that_leads_to_a_person() {
    let database = migrated().await.with_an_application_that_was_read().await;
    let url = database.sandbox.database_url_of(Account::Console);
    let console = Store::connect(&url, &StoreOptions::default()).unwrap();
    console.check_schema().await.unwrap();
    assert_eq!(console.counts().await.unwrap()[0].applications, 1);
    console.budgets().await.unwrap();

    database.refuses(Account::Console, &OWNERS_ALONE).await;
    let statements = [
        "select id from applications",
        "select tax_code from applications",
        "select answers from applications",
        "select submitter from applications",
        "select * from applications",
        "select from access_journal",
        "select from application_history",
        "select from batch_rows",
        "select from subjects",
        "update budgets set cap_cents = 0",
        "delete from applications",
    ];
    database.refuses(Account::Console, &statements).await;
}

#[tokio::test]
async fn an_owner_who_is_no_administrator_can_migrate() {
    let sandbox = Sandbox::database().await;
    let mut administrator = PgConnection::connect(sandbox.database_url()).await.unwrap();
    let (name, owner) = owner(&mut administrator, &sandbox).await;

    let store = Store::connect(&owner, &options()).unwrap();
    let migrated = store.migrate().await;
    let listed = rights(&mut administrator).await;
    store.close().await;
    let remove = format!(
        "do $$ begin execute format('alter database %I owner to current_user', current_database()); end $$;
         drop owned by {name} cascade; drop role {name}"
    );
    administrator.execute(AssertSqlSafe(remove)).await.unwrap();

    migrated.unwrap();
    assert!(listed["everybody"].is_empty(), "{:?}", listed["everybody"]);
    assert!(listed["sportello_status"].contains_key("access_journal"));
}

/// Gives the database to a new user without further rights; their name, and their address of it.
async fn owner(administrator: &mut PgConnection, sandbox: &Sandbox) -> (String, String) {
    let name = format!("owner_{}", uuid::Uuid::new_v4().simple());
    let make = format!(
        "create role {name} login password 'owner';
         do $$ begin execute format('alter database %I owner to {name}', current_database()); end $$"
    );
    administrator.execute(AssertSqlSafe(make)).await.unwrap();
    let (_, server) = sandbox.database_url().split_once('@').unwrap();
    let url = format!("postgres://{name}:owner@{server}");
    (name, url)
}
