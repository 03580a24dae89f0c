//! Once nothing is on its way any more: what everybody was answered, and what became of it, add up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use loadtests::proof::register;
use loadtests::system::backlog::{Backlog, backlog};
use reqwest::StatusCode;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::conservation::Office;
use crate::conservation::audit::{Held, Letter};
use crate::conservation::record::Record;
use crate::conservation::uploads::Sent;

const SETTLED_WITHIN: Duration = Duration::from_secs(60);
/// How long nothing may change before it counts as settled: the broker's figures are a second old.
const QUIET: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

impl Office {
    /// Waits until nothing is on its way, for at most the deadline: the audit says what is missing.
    async fn settles(&mut self, record: &Record) {
        let (begun, mut quiet_since) = (Instant::now(), Instant::now());
        let metrics = self.system.rabbitmq().metrics_url();
        while quiet_since.elapsed() < QUIET && begun.elapsed() < SETTLED_WITHIN {
            let Backlog { queued, set_aside } = backlog(&metrics).await.expect("the broker");
            if queued + set_aside > 0 || !is_registered(&mut self.database, record).await {
                quiet_since = Instant::now();
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        self.report("settled");
    }

    /// Asserts that all sums add up. Returns what the system holds.
    pub(crate) async fn is_audited(&mut self) -> Held {
        let record = self.callers.record().clone();
        self.settles(&record).await;
        let letters = self.dead_letters().await;
        let held = Held::read(&mut self.database, letters).await;
        let ids = record.check_ids();
        println!("{ids} ids, {} contents accepted", record.contents.len());
        held.has_one_end_for_each_of(&record);
        held.adds_up_by_channel(&record);
        held.is_withdrawn_by_holders_alone(&record);
        held.refuses_nobody_for_hours();
        held.has_ends_of_every_kind();
        self.batches_add_up(&record).await;
        held
    }

    /// Reads the dead letters. Asserts that all poison is among them, and nothing else that can't
    /// be read.
    async fn dead_letters(&mut self) -> BTreeSet<Letter> {
        let mut missing = self.poison.clone();
        let mut letters = BTreeSet::new();
        let table = register::dead_letters(&mut self.database).await;
        for (message, _) in table.expect("the table of dead letters") {
            let is_poison = missing.remove(&message) || self.poison.contains(&message);
            let letter = (!is_poison).then(|| Letter::read(&message).expect("an application"));
            letters.extend(letter);
        }
        assert_eq!(missing.len(), 0, "poison that is not in the dead letters");
        letters
    }

    /// Asserts for each batch that what its sender is told adds up to what its sender was told
    /// before.
    async fn batches_add_up(&self, record: &Record) {
        assert_eq!(self.batches.len(), record.batches.len());
        let mut all = BTreeMap::<String, u64>::new();
        for Sent { id, receipt } in &self.batches {
            let batch = &record.batches[id];
            let counts = self.counts(batch.organisation, *id, receipt).await;
            let accepted = counts["accepted"];
            let sum = counts.values().sum::<u64>() - accepted;
            assert_eq!(
                accepted,
                batch.rows.len() as u64,
                "rows that had a 202, of {counts:?}"
            );
            assert_eq!((accepted, counts["queued"]), (sum, 0), "{counts:?}");
            for (name, count) in counts {
                *all.entry(name).or_default() += count;
            }
        }
        println!("all batches: {all:?}");
        let of_every_kind = all.iter().all(|(name, count)| *count > 0 || name == "queued");
        assert!(of_every_kind, "{all:?}");
    }

    /// All that the status service counts of a batch, by name.
    async fn counts(&self, organisation: &str, batch: Uuid, receipt: &str) -> BTreeMap<String, u64> {
        let token = self.callers.token_of(organisation);
        let path = format!("/v1/batches/{batch}");
        let request = || self.callers.of_status(&path, &token).header("Receipt", receipt);
        let answer = self.callers.answer(request).await;
        assert_eq!(answer.status(), StatusCode::OK, "a batch");
        let view: BTreeMap<String, Value> = answer.json().await.expect("JSON");
        let counts = view.into_iter().filter(|(name, _)| name != "id");
        counts
            .map(|(name, count)| (name, count.as_u64().expect("a count")))
            .collect()
    }
}

/// Whether as much is on the register as can be, withdrawn as it should be, and no budget is to be
/// moved.
async fn is_registered(database: &mut PgConnection, record: &Record) -> bool {
    let (applications, conflicts) = record.registrable();
    let counts: (i64, i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from applications), (select count(*) from application_conflicts),
                (select count(*) from applications where outcome = 'withdrawn'),
                (select count(*) from budget_movements)",
    )
    .fetch_one(database)
    .await
    .expect("the register");
    let wanted = [applications, conflicts, record.withdrawn.len(), 0];
    <[i64; 4]>::from(counts).map(i64::unsigned_abs) == wanted.map(|count| count as u64)
}
