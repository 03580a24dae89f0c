//! The data that stay after the retention of a benefit has ended, and those that go.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use sportello_domain::{
    AcceptedApplication, AccessReason, Application, BatchRow, BudgetKey, BudgetRule, CatalogueVersion,
    ContentDigest, Disposal, Incompatibilities, Mandate, Order, OrganisationId, Outcome, PastCap, Reason,
    Retention, Subject, Submitter,
};
use sportello_store::{
    Arrival, ContentReader, Count, PageSize, Purged, PurgedBenefit, Registration, Sought, StoreError,
};
use sqlx::{Executor as _, PgConnection};
use uuid::Uuid;

use crate::fixtures::{Database, Sent, at, benefit, id, migrated, once_a_person, person, sent};

const OLD: &str = "old-bonus";
const NEW: &str = "new-bonus";
const BOTH: [Disposal; 2] = [Disposal::Pseudonymise, Disposal::Purge];

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

/// Text that only this application contains.
fn marks(number: u32, of_person: u32) -> Vec<String> {
    vec![
        person(of_person).as_str().to_owned(),
        format!("segno{number:04}@example.org"),
        format!("+390699{number:06}"),
        format!("risposta {number:04}"),
    ]
}

/// An application full of what leads to the person.
fn marked(number: u32, of_person: u32, name: &str, minute: i64) -> Sent {
    let content = serde_json::json!({
        "benefit": name,
        "applicant": {
            "tax_code": person(of_person).as_str(), "given_name": "Segnaldo", "family_name": "Contrassegni",
            "email": format!("segno{number:04}@example.org"), "phone": format!("+390699{number:06}"),
            "iban": "IT60X0542811101000000123456",
        },
        "answers": { "note": format!("risposta {number:04}") },
    })
    .to_string();
    let plain = sent(
        number,
        of_person,
        name,
        at("2020-04-01T12:00:00Z") + SignedDuration::from_mins(minute),
    );
    let accepted = AcceptedApplication {
        application: Application::parse(content.as_bytes()).unwrap(),
        content_digest: ContentDigest::of(content.as_bytes()),
        ..plain.accepted
    };
    let mut ruling = once_a_person(&accepted);
    ruling.amount_cents = Some(100);
    ruling.budget = Some(key(name));
    Sent { ruling, accepted }
}

fn key(name: &str) -> BudgetKey {
    BudgetKey {
        benefit: benefit(name),
        category: None,
    }
}

/// Given for this child once, too.
fn with_child(mut sent: Sent, child: &str) -> Sent {
    sent.ruling.one_per.push(Subject::of(child));
    sent
}

fn of_intermediary(mut sent: Sent, row: u32) -> Sent {
    sent.accepted.submitter = Submitter::Intermediary(OrganisationId::parse("patronato-segno").unwrap());
    sent.accepted.application.mandate = Some(Mandate::parse("delega-segno").unwrap());
    let batch = Uuid::from_u128(77).into();
    sent.accepted.batch = Some(BatchRow { id: batch, row });
    sent
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

fn hex(digest: &ContentDigest) -> String {
    use std::fmt::Write as _;
    digest.as_bytes().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

const CHILD: &str = "SGNFGL10A01H501X";

/// Applications for the old benefit of all kinds, and for the new one by some of the same persons.
struct Scene {
    old: Vec<Sent>,
    new: Vec<Sent>,
    conflicting: Sent,
}

impl Scene {
    fn new() -> Self {
        let mut closed = marked(8, 7, OLD, 8);
        closed.ruling.closed = Some(Reason::AfterClosing);
        let old = vec![
            with_child(marked(1, 1, OLD, 1), CHILD),
            // the same person, then the same child
            marked(2, 1, OLD, 2),
            with_child(marked(3, 3, OLD, 3), CHILD),
            of_intermediary(marked(4, 2, OLD, 4), 1),
            marked(5, 4, OLD, 5),
            marked(6, 6, OLD, 6),
            marked(7, 8, OLD, 7),
            closed,
        ];
        let new = vec![
            marked(21, 4, NEW, 10),
            marked(22, 5, NEW, 11),
            marked(23, 6, NEW, 0),
            of_intermediary(marked(24, 9, NEW, 12), 2),
        ];
        let mut conflicting = marked(99, 4, OLD, 9);
        conflicting.accepted.id = id(5);
        Self {
            old,
            new,
            conflicting,
        }
    }

    async fn register(&self, database: &Database) {
        for one in self.old.iter().chain(&self.new) {
            database.deliver(std::slice::from_ref(one)).await.unwrap();
        }
        let again = database
            .deliver(std::slice::from_ref(&self.conflicting))
            .await
            .unwrap();
        assert_eq!(again[0].arrival, Arrival::Conflict);
        for one in &self.old {
            let store = &database.store;
            let found = store.find(one.accepted.id, &one.accepted.submitter).await;
            assert!(matches!(found.unwrap(), Sought::Held(_)));
            assert!(matches!(
                store.content(one.accepted.id, &operator()).await.unwrap(),
                Sought::Held(_)
            ));
        }
        database.allot().await;
    }

    /// What leads to a person who applied for the old benefit and to none who applied for the new
    /// one.
    fn marks_of_old(&self) -> Vec<String> {
        let kept: BTreeSet<&str> = self.new.iter().map(Sent::tax_code).collect();
        let numbers = (1..=8).zip([1, 1, 3, 2, 4, 6, 8, 7]);
        let marks = numbers.flat_map(|(number, of_person)| marks(number, of_person));
        let digests = self
            .old
            .iter()
            .chain([&self.conflicting])
            .map(|sent| hex(&sent.accepted.content_digest));
        marks
            .chain(digests)
            .chain([CHILD, "segno0099@", "operatore-segno", "motivo-segno"].map(str::to_owned))
            .filter(|mark| !kept.contains(mark.as_str()))
            .collect()
    }

    async fn outcomes_of_new(&self, database: &Database) -> Vec<(Outcome, Reason, usize)> {
        let mut outcomes = Vec::new();
        for one in &self.new {
            let found = database.find(one.accepted.id).await.unwrap();
            assert_eq!(found.tax_code.as_str(), one.tax_code());
            assert_eq!(found.content_digest, one.accepted.content_digest);
            outcomes.push((found.outcome, found.reason, found.history.len()));
        }
        outcomes
    }
}

/// Neither its holder nor an operator finds it, and nothing is noted of their asking.
async fn assert_nobodys(database: &Database, one: &Sent) {
    let (id, holder) = (one.accepted.id, &one.accepted.submitter);
    let store = &database.store;
    assert_eq!(store.find(id, holder).await.unwrap(), Sought::Anothers);
    assert_eq!(store.is_held(id, holder).await.unwrap(), Sought::Anothers);
    for reader in [ContentReader::Holder(holder.clone()), operator()] {
        assert!(store.content(id, &reader).await.unwrap() == Sought::Anothers);
    }
    let size = PageSize::default();
    assert_eq!(store.accesses(id, holder, size, None).await.unwrap(), None);
    let listed = store.list(holder, size, None).await.unwrap().items;
    assert!(listed.iter().all(|listed| listed.benefit == benefit(NEW)));
}

fn operator() -> ContentReader {
    ContentReader::Operator {
        issuer: "https://issuer.test".into(),
        subject: "operatore-segno".into(),
        reason: AccessReason::parse("motivo-segno di prova").unwrap(),
    }
}

fn of(counts: &[Count], name: &str) -> u64 {
    let those = counts.iter().filter(|count| count.benefit == benefit(name));
    those.map(|count| count.applications).sum()
}

#[tokio::test]
async fn nothing_of_a_person_is_left_once_the_term_has_passed_and_all_sums_stay() {
    for then in BOTH {
        let (database, scene) = (migrated().await, Scene::new());
        scene.register(&database).await;
        let marks = scene.marks_of_old();
        let everywhere = database.found(&marks).await;
        assert!(everywhere.len() > marks.len(), "{everywhere:?}");
        let (counts, budgets) = (
            database.store.counts().await.unwrap(),
            database.store.budgets().await.unwrap(),
        );
        assert_eq!((of(&counts, OLD), of(&counts, NEW)), (9, 4));
        let new = scene.outcomes_of_new(&database).await;

        let before = database.dump().await;
        let early = database.purge(then, ends() - SignedDuration::from_mins(1)).await;
        assert_eq!(early, Purged::default());
        assert!(database.dump().await == before);

        let purged = database.purge(then, ends()).await;
        let eight = PurgedBenefit {
            benefit: benefit(OLD),
            then,
            applications: 8,
            dead_letters: 0,
        };
        assert_eq!(purged.benefits, [eight]);
        assert!(!purged.more && !purged.elsewhere);
        assert_eq!(database.found(&marks).await, Vec::<String>::new());
        assert_eq!(database.store.counts().await.unwrap(), counts);
        assert_eq!(database.store.budgets().await.unwrap(), budgets);
        assert_eq!(scene.outcomes_of_new(&database).await, new);
        for one in &scene.old {
            assert_nobodys(&database, one).await;
        }
        let batch = |number| Uuid::from_u128(number).into();
        assert!(database.store.is_batch_forgotten(batch(77)).await.unwrap());
        assert!(!database.store.is_batch_forgotten(batch(78)).await.unwrap());

        let after = database.dump().await;
        assert_eq!(database.purge(then, ends()).await, Purged::default());
        assert!(database.dump().await == after);
        // a pass over the budgets finds no application to move
        database.allot().await;
        assert_eq!(database.store.counts().await.unwrap(), counts);
        assert_eq!(database.store.budgets().await.unwrap(), budgets);
    }
}

#[tokio::test]
async fn a_pseudonymised_registration_keeps_its_number_and_what_was_decided() {
    const KEPT: &str = "select jsonb_agg(jsonb_build_array(
            id, protocol_year, protocol_number, benefit, category, channel, received_at, registered_at, outcome, reason,
            amount_cents, budget, turn, validated_with, decided_with,
            (select jsonb_agg(to_jsonb(h) order by entry) from application_history h where application_id = id)
        ) order by id) from applications";
    let (database, scene) = (migrated().await, Scene::new());
    scene.register(&database).await;
    let mut connection = database.connection().await;
    let mut kept =
        async || -> serde_json::Value { sqlx::query_scalar(KEPT).fetch_one(&mut connection).await.unwrap() };
    let before = kept().await;
    database.purge(Disposal::Pseudonymise, ends()).await;
    assert_eq!(kept().await, before);
}

#[tokio::test]
async fn of_a_purged_registration_nothing_is_left_but_a_count_and_its_id() {
    let (database, scene) = (migrated().await, Scene::new());
    scene.register(&database).await;
    database.purge(Disposal::Purge, ends()).await;
    let dump = database.dump().await;
    for one in &scene.old {
        let id = one.accepted.id.to_string();
        let tables = dump
            .iter()
            .filter(|(_, rows)| rows.iter().any(|row| row.contains(&id)));
        let tables: Vec<&str> = tables.map(|(table, _)| table.as_str()).collect();
        // where a budget ends is an id too
        assert!(
            tables == ["forgotten", "late_reads"] || tables == ["budgets", "forgotten", "late_reads"],
            "{tables:?}"
        );
    }
    assert_eq!(dump["applications"].len(), 4);
    assert!(dump["purged_applications"].iter().all(|row| row.contains(OLD)));
}

#[tokio::test]
async fn what_was_decided_because_of_it_stays_and_who_applies_anew_is_decided_without_it() {
    for then in BOTH {
        let (database, scene) = (migrated().await, Scene::new());
        scene.register(&database).await;
        database.purge(then, ends()).await;
        let find = async |sent: &Sent| {
            let found = database.find(sent.accepted.id).await.unwrap();
            (found.outcome, found.reason)
        };
        let incompatible = (Outcome::Incompatible, Reason::IncompatibleBenefit);
        assert_eq!(find(&scene.new[0]).await, incompatible);
        // of the person of an old application, of one who has a new one, and of the old child
        let anew = [
            marked(31, 4, NEW, 100),
            marked(32, 5, NEW, 101),
            with_child(marked(33, 11, NEW, 102), CHILD),
        ];
        let registered = database.deliver(&anew).await.unwrap();
        let outcomes: Vec<Reason> = registered.iter().map(|one| one.reason).collect();
        assert_eq!(outcomes, [Reason::PastCap, Reason::SamePerson, Reason::PastCap]);
        assert_eq!(find(&scene.new[0]).await, incompatible);
        // the same content, received earlier than was known
        let mut earlier = scene.new[0].clone();
        earlier.accepted.received_at = at("2020-04-01T12:00:01Z");
        database.deliver(&[earlier]).await.unwrap();
        assert_eq!(find(&scene.new[0]).await, incompatible);
        assert_eq!(find(&anew[0]).await, (Outcome::Reserve, Reason::PastCap));
    }
}

#[tokio::test]
async fn what_is_not_kept_any_more_is_not_brought_back_by_a_redelivery() {
    for then in BOTH {
        let (database, scene) = (migrated().await, Scene::new());
        scene.register(&database).await;
        database.purge(then, ends()).await;
        let after = database.dump().await;
        for one in scene.old.iter().chain([&scene.conflicting]) {
            let refused = database.deliver(std::slice::from_ref(one)).await;
            let Err(StoreError::Fail(refusal)) = refused else {
                panic!("{refused:?}")
            };
            assert_eq!(refusal.constraint.as_deref(), Some("forgotten_pkey"));
        }
        assert!(database.dump().await == after);
        let all = scene.old.iter().chain(&scene.new);
        let mut ids: Vec<_> = all.map(|one| one.accepted.id).collect();
        ids.sort_unstable();
        let asked: Vec<_> = ids.iter().copied().chain([id(1234)]).collect();
        let mut registered = database.store.ever_registered(&asked).await.unwrap();
        registered.sort_unstable();
        assert_eq!(registered, ids);
    }
}

fn may_be_done_again(error: &StoreError) -> bool {
    matches!(error, StoreError::Retry(_) | StoreError::TooSlow(_))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_workers_may_purge_and_register_for_the_same_persons_at_once() {
    const PERSONS: u32 = 300;
    for then in BOTH {
        let database = migrated().await;
        let old: Vec<Sent> = (0..PERSONS)
            .map(|number| {
                let child = format!("FIGLIO{}", number % 100);
                with_child(marked(number, number, OLD, i64::from(number)), &child)
            })
            .collect();
        database.deliver(&old).await.unwrap();
        let counts = database.store.counts().await.unwrap();
        let retentions = seen_from(&retentions(then), ends());
        database.announce(&retentions).await;
        let purge = async || {
            let mut purged = 0;
            loop {
                match database.store.purge(&retentions, Timestamp::now(), 20).await {
                    Ok(done) if done.more || done.elsewhere => {
                        purged += done.benefits.iter().map(|one| one.applications).sum::<u64>();
                    }
                    Ok(done) => {
                        return purged + done.benefits.iter().map(|one| one.applications).sum::<u64>();
                    }
                    Err(error) => assert!(may_be_done_again(&error), "{error}"),
                }
            }
        };
        let register = async |part: u32| {
            let new: Vec<Sent> = (0..PERSONS)
                .filter(|number| number % 2 == part && number % 3 != 0)
                .map(|number| marked(1_000 + number, number, NEW, 1_000))
                .collect();
            for batch in new.chunks(7) {
                while let Err(error) = database.deliver(batch).await {
                    assert!(may_be_done_again(&error), "{error}");
                }
            }
        };
        let (one, other, (), ()) = tokio::join!(purge(), purge(), register(0), register(1));
        assert_eq!(one + other, u64::from(PERSONS));
        let old_marks: Vec<String> = (0..PERSONS)
            .flat_map(|number| marks(number, number).into_iter().skip(1))
            .chain((0..100).map(|number| format!("FIGLIO{number}\"")))
            .collect();
        assert_eq!(database.found(&old_marks).await, Vec::<String>::new());
        let subjects: BTreeSet<String> = sqlx::query_scalar("select subject from subjects")
            .fetch_all(&mut database.connection().await)
            .await
            .unwrap()
            .into_iter()
            .collect();
        let kept = (0..PERSONS).filter(|number| number % 3 != 0);
        let kept: BTreeSet<String> = kept.map(|number| person(number).as_str().to_owned()).collect();
        assert_eq!(subjects, kept);
        let after = database.store.counts().await.unwrap();
        assert_eq!(of(&after, OLD), of(&counts, OLD));
        assert_eq!(of(&after, NEW), u64::try_from(kept.len()).unwrap());
    }
}

#[tokio::test]
async fn history_goes_with_its_application_and_in_no_other_way() {
    let (database, scene) = (migrated().await, Scene::new());
    scene.register(&database).await;
    let mut connection = database.connection().await;
    let refused = async |connection: &mut PgConnection, statement: &'static str| {
        let error = connection.execute(statement).await.unwrap_err().to_string();
        assert!(error.contains("is append-only"), "{statement}: {error}");
    };
    const OF_HISTORY: [&str; 3] = [
        "delete from application_history",
        "update application_history set event = event",
        "truncate application_history",
    ];
    const OF_JOURNAL: [&str; 3] = [
        "delete from access_journal",
        "update access_journal set at = now()",
        "truncate access_journal",
    ];
    for statement in OF_HISTORY.into_iter().chain(OF_JOURNAL) {
        refused(&mut connection, statement).await;
    }
    database.purge(Disposal::Purge, ends()).await;
    for statement in OF_HISTORY {
        refused(&mut connection, statement).await;
    }
    for statement in [
        "delete from forgotten",
        "update forgotten set at = now()",
        "truncate forgotten",
    ] {
        refused(&mut connection, statement).await;
    }
}

/// The old benefit, whose retention has ended, with this many applications.
async fn ended(applications: u32) -> (Database, Retention) {
    let database = migrated().await;
    let old: Vec<Sent> = (1..=applications)
        .map(|number| marked(number, number, OLD, i64::from(number)))
        .collect();
    database.deliver(&old).await.unwrap();
    let [retention, _] = retentions(Disposal::Purge);
    let ends = at("2020-06-01T00:00:00Z");
    (database, Retention { ends, ..retention })
}

async fn purge(database: &Database, retention: &Retention) -> Purged {
    let retentions = std::slice::from_ref(retention);
    database
        .store
        .purge(retentions, Timestamp::now(), 1000)
        .await
        .unwrap()
}

#[tokio::test]
async fn nothing_is_erased_while_a_clock_is_wrong() {
    let (database, retention) = ended(2).await;
    let retentions = [retention];
    database.announce(&retentions).await;
    for wrong in [
        SignedDuration::from_hours(24 * 365 * 10),
        SignedDuration::from_mins(-6),
    ] {
        let own = Timestamp::now() + wrong;
        let purged = database.store.purge(&retentions, own, 1000).await.unwrap();
        let apart = purged.clocks_apart.unwrap();
        assert!((apart + wrong).abs() < SignedDuration::from_mins(1), "{apart:?}");
        assert_eq!(purged.benefits, []);
    }
    assert_eq!(purge(&database, &retentions[0]).await.benefits[0].applications, 2);
}

#[tokio::test]
async fn a_term_that_ends_in_future_is_not_begun_by_a_wrong_clock() {
    let (database, retention) = ended(2).await;
    let later = Retention {
        ends: Timestamp::now() + SignedDuration::from_hours(24 * 365),
        ..retention
    };
    let own = later.ends + SignedDuration::from_hours(1);
    let retentions = [later];
    let purged = database.store.purge(&retentions, own, 1000).await.unwrap();
    assert!(purged.clocks_apart.is_some() && purged.announced.is_empty());
    assert!(!database.store.is_purge_announced().await.unwrap());
}

#[tokio::test]
async fn a_purge_waits_a_day_whatever_its_size_and_whoever_asks() {
    let (database, retention) = ended(1_200).await;
    let another =
        sportello_store::Store::connect(database.sandbox.database_url(), &crate::fixtures::options());
    let first = purge(&database, &retention).await;
    assert_eq!((first.benefits.len(), first.announced.len()), (0, 1));
    let retentions = std::slice::from_ref(&retention);
    let restarted = another
        .unwrap()
        .purge(retentions, Timestamp::now(), 1000)
        .await
        .unwrap();
    assert_eq!(restarted, first);
    assert!(database.store.is_purge_announced().await.unwrap());
    database
        .let_pass("purge_announcements set announced_at = announced_at - interval '23 hours'")
        .await;
    assert_eq!(purge(&database, &retention).await.benefits, []);
    database
        .let_pass("purge_announcements set announced_at = announced_at - interval '1 hour'")
        .await;
    assert!(!database.store.is_purge_announced().await.unwrap());
    let slices = [
        purge(&database, &retention).await,
        purge(&database, &retention).await,
    ];
    let slices = slices.map(|one| (one.benefits[0].applications, one.more));
    assert_eq!(slices, [(1_000, true), (200, false)]);
    assert_eq!(purge(&database, &retention).await, Purged::default());
    let mut connection = database.connection().await;
    let announced: i64 = sqlx::query_scalar("select count(*) from purge_announcements")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(announced, 0);
}

#[tokio::test]
async fn a_term_that_became_shorter_waits_a_day_of_its_own() {
    let (database, retention) = ended(3).await;
    database.announce(std::slice::from_ref(&retention)).await;
    let shorter = Retention {
        ends: retention.ends - SignedDuration::from_hours(24 * 365),
        ..retention.clone()
    };
    let other = Retention {
        then: Disposal::Pseudonymise,
        ..shorter.clone()
    };
    for changed in [&shorter, &other] {
        let purged = purge(&database, changed).await;
        assert_eq!((purged.benefits.len(), purged.announced.len()), (0, 1));
        assert_eq!(purge(&database, changed).await, purged);
    }
    // mended within the day
    let mended = Retention {
        ends: Timestamp::now() + SignedDuration::from_hours(1),
        ..other
    };
    assert_eq!(purge(&database, &mended).await, Purged::default());
    assert!(!database.store.is_purge_announced().await.unwrap());
    assert_eq!(of(&database.store.counts().await.unwrap(), OLD), 3);
}

#[tokio::test]
async fn late_reads_are_removed_after_a_purge_of_many_slices() {
    let (database, retention) = ended(30).await;
    database.announce(std::slice::from_ref(&retention)).await;
    assert_eq!(purge(&database, &retention).await.benefits[0].applications, 30);
    let mut connection = database.connection().await;
    let late = "insert into access_journal (application_id, role, reader, operation)
                select application_id, 'applicant', 'RSSMRA10A01H001X', 'find' from late_reads";
    connection.execute(late).await.unwrap();
    let mut left = async || -> i64 {
        let left = sqlx::query_scalar("select count(*) from access_journal");
        left.fetch_one(&mut connection).await.unwrap()
    };
    // reads may still be going on
    assert!(!database.store.remove_late_reads(7).await.unwrap());
    assert_eq!(left().await, 30);
    // the worker was away for days
    database
        .let_pass("late_reads set forgotten_at = forgotten_at - interval '5 days'")
        .await;
    let mut slices = 1;
    while database.store.remove_late_reads(7).await.unwrap() {
        assert_eq!(left().await, 30 - 7 * slices);
        slices += 1;
    }
    assert_eq!((slices, left().await), (5, 0));
}
