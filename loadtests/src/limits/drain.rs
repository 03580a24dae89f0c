//! Worker contenders: they drain a prepared queue into an empty database.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sportello_stack::Part;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use uuid::Uuid;

use super::bench::{Bench, Measured, on_threads};
use super::broker::{BARE, Broker, delete_queue, fill, quorum_queue};
use super::child::Child;
use super::envelopes::Packing;
use super::meter::Meter;
use super::rows::{Rows, TABLE, create_table};
use crate::proof::register;

const GRACE: Duration = Duration::from_secs(30);
const DEADLINE: Duration = Duration::from_secs(180);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

impl Bench {
    /// Measures the bare worker.
    pub(super) async fn bare_worker(&mut self) -> anyhow::Result<Measured> {
        let packing = Packing::Single;
        let mut database = self.empty_database().await?;
        create_table(&mut database).await?;
        let url = self.amqp_url();
        self.on_broker(|broker| async move { quorum_queue(&broker, BARE).await })
            .await?;
        self.fill("", BARE, packing).await?;
        database.execute("checkpoint").await?;
        let database_url = self.database_url();
        let environment = [("AMQP_URL", &*url), ("DATABASE_URL", &*database_url)];
        let mut meter = Meter::new(self.servers());
        let mut worker = Child::start("worker", &environment).await?;
        let running = || worker.is_running();
        let begun = Instant::now();
        let last = self.last_ids(packing).await?;
        until_drained(&mut database, TABLE, &last, self.applications(), running).await?;
        meter.add("contender", worker.identity().ok());
        let measured = speed(&mut database, TABLE, begun.elapsed(), &meter).await?;
        worker.end().await?;
        self.on_broker(|broker| async move { delete_queue(&broker, BARE).await })
            .await?;
        Ok(measured)
    }

    /// Measures the shipped worker.
    pub(super) async fn worker(&mut self) -> anyhow::Result<Measured> {
        let mut database = self.empty_database().await?;
        self.system.migrate()?;
        let packing = Packing::Packed;
        self.fill(sportello_queue::topology::EXCHANGE, "citizen", packing)
            .await?;
        database.execute("checkpoint").await?;
        let mut meter = Meter::new(self.servers());
        let begun = Instant::now();
        let part = Part::Worker(1);
        self.system.start_part(part).await?;
        let process = self.system.process(part);
        let last = self.last_ids(packing).await?;
        until_drained(&mut database, "applications", &last, self.applications(), || {
            process.is_running()
        })
        .await?;
        meter.add("contender", process.identity());
        let measured = speed(&mut database, "applications", begun.elapsed(), &meter).await?;
        process.terminate(GRACE).await?;
        Ok(measured)
    }

    async fn fill(
        &mut self,
        exchange: &'static str,
        routing_key: &'static str,
        packing: Packing,
    ) -> anyhow::Result<()> {
        let (url, messages) = (self.amqp_url(), self.envelopes(packing).await?);
        on_threads(move || async move { fill(&url, exchange, routing_key, &messages).await }).await
    }

    /// Returns the ids of the last message.
    async fn last_ids(&mut self, packing: Packing) -> anyhow::Result<Vec<Uuid>> {
        let messages = self.envelopes(packing).await?;
        let (last, _) = messages.last().context("no applications")?;
        let mut rows = Rows::default();
        rows.add(last)?;
        Ok(rows.id)
    }

    /// Runs work with a connection to the broker.
    pub(super) async fn on_broker<F>(
        &self,
        work: impl FnOnce(Broker) -> F + Send + 'static,
    ) -> anyhow::Result<()>
    where
        F: Future<Output = lapin::Result<()>>,
    {
        let url = self.amqp_url();
        on_threads(move || async move { Ok(work(Broker::connect(&url).await?).await?) }).await
    }

    /// Empties the database.
    async fn empty_database(&self) -> anyhow::Result<PgConnection> {
        let mut database = register::connect(&self.database_url()).await?;
        database.execute("drop schema public cascade").await?;
        database.execute("create schema public").await?;
        Ok(database)
    }
}

/// Waits until the last applications are registered (a cheap query), and then all.
async fn until_drained(
    database: &mut PgConnection,
    table: &str,
    last: &[Uuid],
    applications: u64,
    mut running: impl FnMut() -> bool,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    let of_last = format!("select count(*) from {table} where id = any($1)");
    let of_all = format!("select count(*) from {table}");
    let mut last_are_there = false;
    loop {
        ensure!(
            begun.elapsed() < DEADLINE && running(),
            "the worker has ended, or does not end"
        );
        if last_are_there {
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(of_all.clone()))
                .fetch_one(&mut *database)
                .await?;
            if count.unsigned_abs() == applications {
                return Ok(());
            }
        } else {
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(of_last.clone()))
                .bind(last)
                .fetch_one(&mut *database)
                .await?;
            last_are_there = count.unsigned_abs() == last.len() as u64;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Measures from the first transaction after a tenth of the applications to the last transaction,
/// by their rows' times, so that neither the start nor the queries count. If all came in a few
/// transactions, measures from the start of the process.
async fn speed(
    database: &mut PgConnection,
    table: &str,
    elapsed: Duration,
    meter: &Meter,
) -> anyhow::Result<Measured> {
    let query = format!(
        "with warm as (
            select registered_at as at from {table} order by 1 offset (select count(*) / 10 from {table}) limit 1
        )
        select (select count(*) from {table}),
            count(*) filter (where registered_at > at),
            extract(epoch from max(registered_at) - min(at))::float8
        from {table}, warm"
    );
    let (all, counted, seconds): (i64, i64, f64) =
        sqlx::query_as(AssertSqlSafe(query)).fetch_one(database).await?;
    let all = Measured::new(all.unsigned_abs(), elapsed, meter);
    Ok(if counted > 0 && seconds > 0.1 {
        all.at_rate(counted as f64 / seconds)
    } else {
        all
    })
}
