//! What a purge erases, and what it leaves as it was.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use sportello_domain::{Disposal, Outcome, Reason};
use sportello_store::{ContentReader, PageSize, Purged, PurgedBenefit, Sought, StoreError};
use sqlx::{Executor as _, PgConnection};
use uuid::Uuid;

use super::scene::{CHILD, Scene, marked, marks, operator, with_child};
use super::{NEW, OLD, ends, of, retentions, seen_from};
use crate::fixtures::{Database, Sent, at, benefit, id, migrated, person};

const BOTH: [Disposal; 2] = [Disposal::Pseudonymise, Disposal::Purge];

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
