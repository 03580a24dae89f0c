//! The database of a measurement: millions of rows, and its statements counted.

use anyhow::Context as _;
use reqwest::Url;
use sportello_stack::Account;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};

use crate::proof::register;
use crate::system::private_system::PrivateSystem;

/// Rows of one statement.
const TOGETHER: u64 = 250_000;
/// Length of a statement's text in the report.
const SHOWN: i32 = 120;

/// Counts statements by `pg_stat_statements`.
pub(super) struct Statements {
    database: PgConnection,
    /// The console's user.
    console: String,
}

/// What was counted.
pub(super) struct Counted {
    pub(super) console_calls: u64,
    pub(super) console_longest_ms: f64,
    pub(super) console_longest: String,
    /// Of all users.
    pub(super) transactions: u64,
}

impl Statements {
    /// Has a system's database count its statements; starts it anew for that.
    pub(super) async fn counted(system: &mut PrivateSystem) -> anyhow::Result<Self> {
        let mut database = register::connect(&system.database_url()).await?;
        database
            .execute("alter system set shared_preload_libraries = 'pg_stat_statements'")
            .await?;
        database.close().await?;
        system.postgres().stop().await?;
        system.start_postgres().await?;
        let mut database = register::connect(&system.database_url()).await?;
        database.execute("create extension pg_stat_statements").await?;
        let console = Url::parse(&system.database_url_of(Account::Console))?;
        Ok(Self {
            database,
            console: console.username().to_owned(),
        })
    }

    /// Begins to count.
    pub(super) async fn begin(&mut self) -> sqlx::Result<()> {
        self.database.execute("select pg_stat_reset()").await?;
        self.database.execute("select pg_stat_statements_reset()").await?;
        Ok(())
    }

    /// Returns what was counted since.
    pub(super) async fn end(&mut self) -> anyhow::Result<Counted> {
        let counted = sqlx::query(
            "select coalesce(sum(calls), 0)::bigint, coalesce(max(max_exec_time), 0),
                 coalesce((array_agg(left(regexp_replace(query, '\\s+', ' ', 'g'), $2) order by max_exec_time desc))[1], '')
             from pg_stat_statements join pg_roles on pg_roles.oid = userid where rolname = $1",
        );
        let counted = counted.bind(&self.console).bind(SHOWN);
        let row = counted.fetch_one(&mut self.database).await?;
        let transactions: i64 = sqlx::query_scalar(
            "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()",
        )
        .fetch_one(&mut self.database)
        .await?;
        Ok(Counted {
            console_calls: row.get::<i64, _>(0).unsigned_abs(),
            console_longest_ms: row.get(1),
            console_longest: row.get(2),
            transactions: transactions.unsigned_abs(),
        })
    }
}

/// Fills the register by copies of what is there, under other ids, numbers and tax codes, and the
/// ledger's seconds as after two days.
pub(super) async fn fill(url: &str, rows: u64, progress: impl Fn(String)) -> anyhow::Result<()> {
    let mut database = register::connect(url).await?;
    let columns: Option<String> = sqlx::query_scalar(
        "select string_agg(quote_ident(column_name), ', ') from information_schema.columns
         where table_schema = 'public' and table_name = 'applications' and is_generated = 'NEVER'
             and column_name not in ('id', 'protocol_number', 'tax_code')",
    )
    .fetch_one(&mut database)
    .await?;
    let columns = columns.context("there is no table of applications")?;
    database
        .execute("create temp table seeds as select * from applications")
        .await?;
    let copies = format!(
        "insert into applications (id, protocol_number, tax_code, {columns})
         select gen_random_uuid(), $1 + number, lpad((random() * 99999999999)::bigint::text, 11, '0'), {columns}
         from generate_series(1, $2) as number
         join (select *, row_number() over () - 1 as place from seeds) as seeds
             on place = number % (select count(*) from seeds)"
    );
    let mut done = 0;
    while done < rows {
        let now = TOGETHER.min(rows - done);
        let first = 1_000_000_000 + i64::try_from(done)?;
        let copy = sqlx::query(AssertSqlSafe(copies.as_str()))
            .bind(first)
            .bind(i64::try_from(now)?);
        copy.execute(&mut database).await?;
        done += now;
        progress(format!("{done} of {rows} on the register"));
    }
    database
        .execute(
            "insert into ledger_seconds (channel, at, answered, confirmed, settled, outstanding, spooled, lost)
             select channel, at, 0, 0, 0, 0, 0, 0
             from generate_series(now() - interval '47 hours', now() - interval '1 hour', '1 second') as at,
                 (values ('citizen'), ('intermediary')) as channels (channel)",
        )
        .await?;
    database.execute("vacuum analyze").await?;
    database.execute("checkpoint").await?;
    Ok(())
}
