//! Statements of the database, counted by `pg_stat_statements`.

use anyhow::Context as _;
use reqwest::Url;
use sportello_stack::Account;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::proof::register;
use crate::system::private_system::PrivateSystem;

/// Length of a statement's text in reports.
const SHOWN: i32 = 120;
/// The services that use the database.
const ACCOUNTS: [(Account, &str); 3] = [
    (Account::Console, "console"),
    (Account::Status, "status"),
    (Account::Worker, "worker"),
];

/// Counts statements.
pub struct Statements {
    database: PgConnection,
    /// The user at the database, and the service.
    users: Vec<(String, &'static str)>,
}

/// A statement of a service.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Counted {
    /// The service.
    #[sqlx(rename = "service")]
    pub user: String,
    /// How often it ran.
    pub calls: i64,
    /// Mean milliseconds.
    pub mean_ms: f64,
    /// Milliseconds of the longest.
    pub longest_ms: f64,
    /// Pages that it touched, in the mean.
    pub pages: f64,
    /// The beginning of its text.
    pub text: String,
}

impl Statements {
    /// Has a system's database count its statements; starts it anew for that.
    ///
    /// # Errors
    /// The database does not start, or a query fails.
    pub async fn counted(system: &mut PrivateSystem) -> anyhow::Result<Self> {
        let mut database = register::connect(&system.database_url()).await?;
        database
            .execute("alter system set shared_preload_libraries = 'pg_stat_statements'")
            .await?;
        database.close().await?;
        system.postgres().stop().await?;
        system.start_postgres().await?;
        let mut database = register::connect(&system.database_url()).await?;
        database.execute("create extension pg_stat_statements").await?;
        let user = |(account, service)| {
            let url = Url::parse(&system.database_url_of(account)).context("an address of the database")?;
            anyhow::Ok((url.username().to_owned(), service))
        };
        let users = ACCOUNTS.map(user).into_iter().collect::<Result<_, _>>()?;
        Ok(Self { database, users })
    }

    /// Begins to count.
    ///
    /// # Errors
    /// The query fails.
    pub async fn begin(&mut self) -> sqlx::Result<()> {
        self.database.execute("select pg_stat_reset()").await?;
        self.database.execute("select pg_stat_statements_reset()").await?;
        Ok(())
    }

    /// Returns the services' statements since, by service, the longest first.
    ///
    /// # Errors
    /// The query fails.
    pub async fn end(&mut self) -> sqlx::Result<Vec<Counted>> {
        let (users, services): (Vec<_>, Vec<_>) = self.users.iter().cloned().unzip();
        sqlx::query_as(
            "select service, calls, mean_exec_time as mean_ms, max_exec_time as longest_ms,
                 (shared_blks_hit + shared_blks_read)::float8 / calls as pages,
                 left(regexp_replace(query, '\\s+', ' ', 'g'), $3) as text
             from pg_stat_statements join pg_roles on pg_roles.oid = userid
             join unnest($1::text[], $2::text[]) as users (name, service) on rolname = users.name
             order by service, max_exec_time desc",
        )
        .bind(users)
        .bind(services)
        .bind(SHOWN)
        .fetch_all(&mut self.database)
        .await
    }

    /// Returns transactions of all users since.
    ///
    /// # Errors
    /// The query fails.
    pub async fn transactions(&mut self) -> sqlx::Result<u64> {
        let transactions: i64 = sqlx::query_scalar(
            "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()",
        )
        .fetch_one(&mut self.database)
        .await?;
        Ok(transactions.unsigned_abs())
    }
}
