//! When a purge begins: a term has to have passed by two clocks, and was announced a day before.

use jiff::{SignedDuration, Timestamp};
use sportello_domain::{Disposal, Retention};
use sportello_store::Purged;
use sqlx::Executor as _;

use super::scene::marked;
use super::{OLD, of, retentions};
use crate::fixtures::{Database, Sent, at, migrated};

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
