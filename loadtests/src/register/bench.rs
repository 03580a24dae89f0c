//! A private system whose register grows.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use sportello_people::mint::TokenSignature;
use sportello_queue::topology::EXCHANGE;
use sportello_stack::Part;
use sqlx::{Executor as _, PgConnection};
use uuid::Uuid;

use super::Options;
use super::readers::{Read, holders_read, operator_views};
use super::report::{Fill, Forgetting, Registering, Relation, Statement};
use crate::limits::broker::fill;
use crate::limits::envelopes::{Packing, envelopes};
use crate::limits::meter::Meter;
use crate::limits::on_threads;
use crate::limits::rows::Rows;
use crate::people::applications::Applications;
use crate::proof::register;
use crate::system::fill::Filling;
use crate::system::private_system::PrivateSystem;
use crate::system::statements::{Counted, Statements};

const GRACE: Duration = Duration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(600);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// Applications beforehand, of which copies are made.
const SEEDS: u64 = 1_000;
/// Until the worker and the console work as they do for hours.
const WARM_UP: Duration = Duration::from_secs(10);
/// The settings of PostgreSQL that decide.
const SETTINGS: [&str; 6] = [
    "shared_buffers",
    "max_wal_size",
    "checkpoint_timeout",
    "full_page_writes",
    "wal_compression",
    "server_version",
];

pub(super) struct Bench {
    system: PrivateSystem,
    statements: Statements,
    database: PgConnection,
    filling: Option<Filling>,
    options: Options,
    message_bytes: f64,
}

/// What a drain was, and who can read it.
struct Drained {
    registering: Registering,
    reads: Vec<Read>,
}

impl Bench {
    pub(super) async fn start(options: Options) -> anyhow::Result<Self> {
        let mut system = PrivateSystem::start_with_console().await?;
        system.process(Part::Console).terminate(GRACE).await?;
        let statements = Statements::counted(&mut system).await?;
        system.process(Part::Worker(1)).terminate(GRACE).await?;
        Ok(Self {
            database: register::connect(&system.database_url()).await?,
            system,
            statements,
            filling: None,
            options,
            message_bytes: 0.0,
        })
    }

    /// Stops the system in order, without its data.
    pub(super) async fn end(self) -> anyhow::Result<()> {
        Ok(self.system.stop().await?)
    }

    /// Returns bytes of an application in a shared message.
    pub(super) fn message_bytes(&self) -> f64 {
        self.message_bytes
    }

    /// Returns the settings of PostgreSQL that decide.
    pub(super) async fn settings(&mut self) -> anyhow::Result<BTreeMap<String, String>> {
        let settings: Vec<(String, String)> =
            sqlx::query_as("select name, current_setting(name) from pg_settings where name = any($1)")
                .bind(SETTINGS.as_slice())
                .fetch_all(&mut self.database)
                .await?;
        Ok(settings.into_iter().collect())
    }

    /// Fills the register up to a size, and measures there.
    pub(super) async fn measure(&mut self, rows: u64, progress: &impl Fn(String)) -> anyhow::Result<Fill> {
        let filled_per_second = self.fill(rows, progress).await?;
        progress(format!(
            "{rows}: the worker registers {} more",
            self.options.drain
        ));
        let drained = self.drain(self.options.drain).await?;
        let relations = self.relations().await?;
        progress(format!("{rows}: holders and an operator read"));
        let statements = self.read(&drained.reads).await?;
        Ok(Fill {
            rows,
            filled_per_second,
            registering: drained.registering,
            relations,
            statements,
            forgetting: None,
        })
    }

    /// Returns rows a second; 0 where there is nothing to fill.
    async fn fill(&mut self, rows: u64, progress: &impl Fn(String)) -> anyhow::Result<f64> {
        if rows == 0 {
            self.database.execute("checkpoint").await?;
            return Ok(0.0);
        }
        if self.filling.is_none() {
            self.drain(SEEDS).await?;
        }
        let there = register::count(&mut self.database).await?;
        let filling = match &mut self.filling {
            Some(filling) => filling,
            None => self
                .filling
                .insert(Filling::of(&self.system.database_url()).await?),
        };
        let begun = Instant::now();
        let missing = rows.saturating_sub(there);
        filling.add(missing, progress).await?;
        let rate = missing as f64 / begun.elapsed().as_secs_f64();
        filling.add_seconds().await?;
        progress(format!("{rows}: vacuum, analyze, checkpoint"));
        filling.settle().await?;
        Ok(rate)
    }

    /// Has the worker drain applications of new persons.
    async fn drain(&mut self, count: u64) -> anyhow::Result<Drained> {
        let mint = self.system.mint()?.signing(TokenSignature::EdDsa);
        let applications = Arc::new(Applications::new(rand::random(), mint));
        let messages = envelopes(Arc::clone(&applications), count, Packing::Packed).await?;
        let bytes: usize = messages.iter().map(|(message, _)| message.len()).sum();
        self.message_bytes = bytes as f64 / count as f64;
        let ids = ids(messages.iter().map(|(message, _)| &**message))?;
        let url = self.system.amqp_url();
        on_threads(move || async move { fill(&url, EXCHANGE, "citizen", &messages).await }).await?;
        self.database.execute("checkpoint").await?;
        let log_before = self.log_position().await?;
        let servers = [("postgres", self.system.postgres().process().identity())];
        let mut meter = Meter::new(servers);
        self.system.start_part(Part::Worker(1)).await?;
        self.until_registered(&ids).await?;
        meter.add("worker", self.system.process(Part::Worker(1)).identity());
        let used = meter.read();
        let log_bytes = (self.log_position().await? - log_before) as f64 / count as f64;
        self.system.process(Part::Worker(1)).terminate(GRACE).await?;
        let us = |process: &str| used.get(process).copied().unwrap_or_default() * 1e6 / count as f64;
        let step = ids.len().div_ceil(self.options.reads).max(1);
        let read = |(number, id): (usize, &Uuid)| {
            let person = applications.person(number as u64);
            anyhow::Ok(Read {
                id: *id,
                token: applications.mint().token(&person)?,
            })
        };
        let reads = ids
            .iter()
            .enumerate()
            .step_by(step)
            .map(read)
            .collect::<Result<_, _>>()?;
        Ok(Drained {
            registering: Registering {
                applications: count,
                per_second: self.rate(&ids).await?,
                postgres_us: us("postgres"),
                worker_us: us("worker"),
                log_bytes,
            },
            reads,
        })
    }

    async fn log_position(&mut self) -> sqlx::Result<i64> {
        sqlx::query_scalar("select (pg_current_wal_insert_lsn() - '0/0')::bigint")
            .fetch_one(&mut self.database)
            .await
    }

    /// Waits until all are registered. Asks for one of each message, since those of a message are
    /// registered together, so that asking costs nothing.
    async fn until_registered(&mut self, ids: &[Uuid]) -> anyhow::Result<()> {
        let some: Vec<Uuid> = ids.iter().copied().step_by(32).collect();
        let begun = Instant::now();
        loop {
            ensure!(begun.elapsed() < DEADLINE, "the worker does not end");
            // the last ones first: while they wait, so do others
            let last = some.last().into_iter().copied().collect::<Vec<_>>();
            if self.registered(&last).await? == 1 && self.registered(&some).await? == some.len() {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    async fn registered(&mut self, ids: &[Uuid]) -> anyhow::Result<usize> {
        let count: i64 = sqlx::query_scalar("select count(*) from applications where id = any($1)")
            .bind(ids)
            .fetch_one(&mut self.database)
            .await?;
        Ok(usize::try_from(count)?)
    }

    /// Returns applications a second, from the first transaction after a tenth of them to the last.
    async fn rate(&mut self, ids: &[Uuid]) -> anyhow::Result<f64> {
        let (counted, seconds): (i64, f64) = sqlx::query_as(
            "with drained as (select registered_at as at from applications where id = any($1)),
             warm as (select percentile_disc(0.1) within group (order by at) as at from drained)
             select count(*) filter (where drained.at > warm.at),
                 coalesce(extract(epoch from max(drained.at) - min(warm.at)), 0)::float8
             from drained, warm",
        )
        .bind(ids)
        .fetch_one(&mut self.database)
        .await?;
        Ok(counted as f64 / seconds.max(0.001))
    }

    async fn relations(&mut self) -> anyhow::Result<Vec<Relation>> {
        let relations: Vec<(String, bool, i64)> = sqlx::query_as(
            "select relname::text, relkind = 'i', pg_relation_size(c.oid) +
                 coalesce((select pg_total_relation_size(t.oid) from pg_class as t where t.oid = c.reltoastrelid), 0)
             from pg_class as c where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')
                 and pg_relation_size(c.oid) > 0
             order by 3 desc, 1",
        )
        .fetch_all(&mut self.database)
        .await?;
        let relation = |(name, is_index, bytes): (String, bool, i64)| Relation {
            name,
            is_index,
            bytes: bytes.unsigned_abs(),
        };
        Ok(relations.into_iter().map(relation).collect())
    }

    /// Has holders read their applications and an operator view the console, while the worker
    /// audits. Returns the statements of the services.
    async fn read(&mut self, reads: &[Read]) -> anyhow::Result<Vec<Statement>> {
        self.system.start_part(Part::Worker(1)).await?;
        self.system.start_part(Part::Console).await?;
        tokio::time::sleep(WARM_UP).await;
        self.statements.begin().await?;
        let viewing = operator_views(&self.system, Duration::from_secs(self.options.seconds));
        tokio::try_join!(viewing, holders_read(&self.system, reads))?;
        let counted = self.statements.end().await?;
        for part in [Part::Console, Part::Worker(1)] {
            self.system.process(part).terminate(GRACE).await?;
        }
        Ok(counted.into_iter().map(statement).collect())
    }

    /// Ends the retention of every benefit, as if it had been announced two days ago, and counts
    /// what the worker forgets.
    pub(super) async fn forget(&mut self) -> anyhow::Result<Forgetting> {
        for entry in fs::read_dir(self.system.catalogue_folder())? {
            let file = entry?.path();
            let text = fs::read_to_string(&file)?;
            let text = text.replace(
                "closes = 2100-01-01T00:00:00+01:00",
                "closes = 2020-06-04T00:00:00+02:00",
            );
            fs::write(&file, text.replace("days = 3653", "days = 1"))?;
        }
        let mut setup = self.system.setup().clone();
        let settings = setup.settings_by_part.entry("worker".to_owned()).or_default();
        settings.insert("WORKER_RETENTION_SECONDS".to_owned(), "1".to_owned());
        self.system.set_up(setup)?;
        let lasts = Duration::from_secs(self.options.forget);
        self.system.start_part(Part::Worker(1)).await?;
        self.until_announced().await?;
        self.database
            .execute("update purge_announcements set announced_at = announced_at - interval '2 days'")
            .await?;
        self.database.execute("checkpoint").await?;
        let (begun, before) = (Timestamp::now(), self.forgotten().await?);
        tokio::time::sleep(lasts).await;
        let applications = (self.forgotten().await? - before).unsigned_abs();
        let seconds = Timestamp::now().duration_since(begun).as_secs_f64();
        self.system.process(Part::Worker(1)).terminate(GRACE).await?;
        Ok(Forgetting {
            applications,
            per_second: applications as f64 / seconds,
        })
    }

    async fn until_announced(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let announced: bool = sqlx::query_scalar("select exists (select from purge_announcements)")
                .fetch_one(&mut self.database)
                .await?;
            if announced {
                return Ok(());
            }
            ensure!(
                begun.elapsed() < DEADLINE,
                "the worker does not announce the end of the retention"
            );
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    async fn forgotten(&mut self) -> sqlx::Result<i64> {
        sqlx::query_scalar("select count(*) from forgotten")
            .fetch_one(&mut self.database)
            .await
    }
}

/// Returns the ids of all applications in messages, in order.
fn ids<'a>(messages: impl Iterator<Item = &'a [u8]>) -> anyhow::Result<Vec<Uuid>> {
    let mut rows = Rows::default();
    for message in messages {
        rows.add(message).context("a message that can't be read")?;
    }
    Ok(rows.id)
}

fn statement(counted: Counted) -> Statement {
    Statement {
        user: counted.user,
        calls: counted.calls.unsigned_abs(),
        mean_ms: counted.mean_ms,
        longest_ms: counted.longest_ms,
        pages: counted.pages,
        text: counted.text,
    }
}
