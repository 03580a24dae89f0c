//! The data that stay after the retention of a benefit has ended, and those that go.

mod erased;
mod scene;
mod terms;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sportello_domain::{
    BudgetKey, BudgetRule, CatalogueVersion, Disposal, Incompatibilities, Order, PastCap, Retention,
};
use sportello_store::{Count, Purged, Registration, StoreError};

use crate::fixtures::{Database, Sent, at, benefit};

const OLD: &str = "old-bonus";
const NEW: &str = "new-bonus";

fn ends() -> Timestamp {
    at("2030-06-01T00:00:00Z")
}

fn retentions(then: Disposal) -> [Retention; 2] {
    let of = |name, ends| Retention {
        benefit: benefit(name),
        ends,
        then,
    };
    [of(OLD, ends()), of(NEW, ends() + SignedDuration::from_hours(1))]
}

/// The same terms where `now` is this moment.
fn seen_from(retentions: &[Retention], now: Timestamp) -> Vec<Retention> {
    let moved = Timestamp::now().duration_since(now);
    let ends = |retention: &Retention| retention.ends + moved;
    let moved = retentions.iter().map(|retention| Retention {
        ends: ends(retention),
        ..retention.clone()
    });
    moved.collect()
}

fn key(name: &str) -> BudgetKey {
    BudgetKey {
        benefit: benefit(name),
        category: None,
    }
}

fn exclusive() -> Incompatibilities {
    let mut exclusive = Incompatibilities::default();
    exclusive.insert(benefit(OLD), benefit(NEW));
    exclusive
}

impl Database {
    async fn deliver(&self, batch: &[Sent]) -> Result<Vec<Registration>, StoreError> {
        let batch: Vec<_> = batch.iter().map(Sent::registrable).collect();
        self.store.register(&batch, &exclusive()).await
    }

    /// A purge as it is made at `now`, announced a day before. Not the clock is moved but the
    /// terms.
    async fn purge(&self, then: Disposal, now: Timestamp) -> Purged {
        let retentions = seen_from(&retentions(then), now);
        self.announce(&retentions).await;
        self.store
            .purge(&retentions, Timestamp::now(), 1000)
            .await
            .unwrap()
    }

    /// Announces purges, and lets a day pass.
    async fn announce(&self, retentions: &[Retention]) {
        let announced = self
            .store
            .purge(retentions, Timestamp::now(), 1000)
            .await
            .unwrap();
        assert_eq!(announced.benefits, []);
        self.let_pass("purge_announcements set announced_at = announced_at - interval '1 day'")
            .await;
    }

    /// Has a table say that something was longer ago.
    async fn let_pass(&self, update: &'static str) {
        let update = sqlx::AssertSqlSafe(format!("update {update}"));
        sqlx::query(update)
            .execute(&mut self.connection().await)
            .await
            .unwrap();
    }

    async fn allot(&self) {
        let rules = [OLD, NEW].map(|name| BudgetRule {
            key: key(name),
            cap_cents: 200,
            past_cap: PastCap::Reserve,
            order: Order::Arrival,
            closes: at("2020-06-01T00:00:00Z"),
            version: CatalogueVersion::of(b"the file"),
        });
        while self
            .store
            .allot(&rules, at("2020-05-01T00:00:00Z"))
            .await
            .unwrap()
            .more
        {}
    }

    /// Every row of every table, as text; without announcements, whose terms the tests move.
    async fn dump(&self) -> BTreeMap<String, Vec<String>> {
        let mut connection = self.connection().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.tables
             where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'
             and table_name <> 'purge_announcements'",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        assert!(tables.len() > 8, "{tables:?}");
        let mut dump = BTreeMap::new();
        for table in tables {
            let every_row =
                sqlx::AssertSqlSafe(format!("select to_jsonb(t)::text from {table} as t order by 1"));
            let rows = sqlx::query_scalar(every_row)
                .fetch_all(&mut connection)
                .await
                .unwrap();
            dump.insert(table, rows);
        }
        dump
    }

    /// Where in the database one of these marks is.
    async fn found(&self, marks: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        for (table, rows) in self.dump().await {
            for mark in marks {
                if rows.iter().any(|row| row.contains(mark.as_str())) {
                    found.push(format!("{mark} in {table}"));
                }
            }
        }
        found
    }
}

fn of(counts: &[Count], name: &str) -> u64 {
    let those = counts.iter().filter(|count| count.benefit == benefit(name));
    those.map(|count| count.applications).sum()
}
