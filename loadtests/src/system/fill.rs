//! Fills a register in place: a real drain of millions would take hours.

use anyhow::{Context as _, ensure};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

use crate::proof::register;

/// Rows of one statement.
const TOGETHER: u64 = 250_000;
/// Rows that are copied again and again.
const SEEDS: u32 = 500;
/// The first protocol number of copies, far above those of real ones.
const FIRST_NUMBER: u64 = 1_000_000_000;

/// Puts copies of applications into a register, as its worker would have: under other ids, protocol
/// numbers and tax codes, each with its entry in the history, its subjects, and one read. Ids and
/// codes are random, so they come to any page of their indexes, as HMACs and persons do.
pub struct Filling {
    database: PgConnection,
    copy: String,
    copied: u64,
}

impl Filling {
    /// Takes some applications of the register as seeds.
    ///
    /// # Errors
    /// The register is empty, or a query fails.
    pub async fn of(url: &str) -> anyhow::Result<Self> {
        let mut database = register::connect(url).await?;
        let seeds = format!("create temp table seeds as select * from applications limit {SEEDS}");
        database.execute(AssertSqlSafe(seeds)).await?;
        let count: i64 = sqlx::query_scalar("select count(*) from seeds")
            .fetch_one(&mut database)
            .await?;
        ensure!(count > 0, "there are no applications to copy");
        database
            .execute("alter table seeds add column place bigint")
            .await?;
        database
            .execute(
                "update seeds set place = numbered.place
                 from (select id, row_number() over () - 1 as place from seeds) as numbered
                 where numbered.id = seeds.id",
            )
            .await?;
        // a copy is no evidence, and a crash loses it with its cluster
        database.execute("set synchronous_commit = off").await?;
        let columns = columns(&mut database).await?;
        Ok(Self {
            copy: copy(&columns, count),
            database,
            copied: 0,
        })
    }

    /// Adds copies. Calls `progress` with progress messages.
    ///
    /// # Errors
    /// A query fails.
    pub async fn add(&mut self, rows: u64, progress: impl Fn(String)) -> anyhow::Result<()> {
        let mut done = 0;
        while done < rows {
            let now = TOGETHER.min(rows - done);
            sqlx::query(AssertSqlSafe(self.copy.as_str()))
                .bind(i64::try_from(FIRST_NUMBER + self.copied)?)
                .bind(i64::try_from(now)?)
                .execute(&mut self.database)
                .await?;
            self.copied += now;
            done += now;
            progress(format!("{done} of {rows} added to the register"));
        }
        Ok(())
    }

    /// Adds the ledger's seconds as after two days, unless they are there.
    ///
    /// # Errors
    /// The query fails.
    pub async fn add_seconds(&mut self) -> sqlx::Result<()> {
        self.database
            .execute(
                "insert into ledger_seconds (channel, at, answered, confirmed, settled, outstanding, spooled, lost)
                 select channel, at, 0, 0, 0, 0, 0, 0
                 from generate_series(now() - interval '47 hours', now() - interval '1 hour', '1 second') as at,
                     (values ('citizen'), ('intermediary')) as channels (channel)
                 on conflict do nothing",
            )
            .await
            .map(drop)
    }

    /// Leaves the register as a rest of some minutes would: with statistics, and all pages written.
    ///
    /// # Errors
    /// A query fails.
    pub async fn settle(&mut self) -> sqlx::Result<()> {
        self.database.execute("vacuum analyze").await?;
        self.database.execute("checkpoint").await?;
        Ok(())
    }
}

/// Returns the columns that copies share with their seed.
async fn columns(database: &mut PgConnection) -> anyhow::Result<String> {
    let columns: Option<String> = sqlx::query_scalar(
        "select string_agg(quote_ident(column_name), ', ') from information_schema.columns
         where table_schema = 'public' and table_name = 'applications' and is_generated = 'NEVER'
             and column_name not in
                 ('id', 'protocol_number', 'tax_code', 'submitter', 'received_at', 'turn', 'one_per')",
    )
    .fetch_one(database)
    .await?;
    columns.context("there is no table of applications")
}

/// Returns the statement that makes copies of so many seeds: `$2` of them, with protocol numbers
/// from `$1` on, received 100 µs apart a month ago.
fn copy(columns: &str, seeds: i64) -> String {
    format!(
        "with made as materialized (
             select gen_random_uuid() as id, $1 + number as protocol_number, number % {seeds} as place,
                 upper(left(md5(random()::text), 16)) as tax_code,
                 now() - interval '30 days'
                     + ($1 - {FIRST_NUMBER} + number) * interval '100 microseconds' as received_at
             from generate_series(1, $2::bigint) as number
         ),
         copied as (
             insert into applications (
                 id, protocol_number, tax_code, submitter, received_at, turn, one_per, {columns}
             )
             select made.id, made.protocol_number, made.tax_code,
                 case channel when 'citizen' then made.tax_code else seeds.submitter end, made.received_at,
                 arrival_turn(made.received_at),
                 case when cardinality(seeds.one_per) = 0 then '{{}}' else array[made.tax_code] end, {columns}
             from made join seeds using (place)
             returning id
         ),
         entered as (
             insert into application_history (application_id, event, detail)
             select id, 'registered', '{{\"outcome\": \"registered\", \"reason\": \"regular\"}}' from copied
         ),
         persons as (insert into subjects (subject) select tax_code from made on conflict do nothing)
         insert into access_journal (application_id, role, reader, operation)
         select id, 'applicant', tax_code, 'find' from made"
    )
}
