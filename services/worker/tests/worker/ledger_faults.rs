//! What faults leave in the ledger: a restored backup, a lost disk, clocks that jump.

use jiff::{SignedDuration, Timestamp};
use lapin::BasicProperties;
use lapin::options::BasicPublishOptions;
use sportello_domain::{BenefitCounts, Channel, EdgeCounts, NumberSet, ProcessId, Statement};
use sportello_ledger::LedgerTask;
use sportello_ledger::read::Ledger;
use sportello_queue::{Management, Publisher, PublisherConfig, TotalsProbe, declare_topology};
use sportello_store::{LedgerArrival, SettledCounts, Store, StoreOptions};
use sportello_testkit::{Sandbox, broker, eventually};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::ledger::{PROVED, audited, auditor, citizens, drain};
use crate::support::{Office, benefits, citizen, open, settle};

/// The database's name, and a connection to another one of its server.
async fn server_of(office: &Office) -> (String, PgConnection) {
    let (server, name) = office.database_url.rsplit_once('/').unwrap();
    let postgres = PgConnection::connect(&format!("{server}/postgres")).await;
    (name.to_owned(), postgres.unwrap())
}

async fn run(server: &mut PgConnection, statement: String) {
    server.execute(AssertSqlSafe(statement)).await.unwrap();
}

/// Ends every connection to the database; they come again.
async fn disconnect(server: &mut PgConnection, name: &str) {
    let end = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
    run(server, end).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restored_backup_exactly_what_it_lacks_is_named() {
    let office = open().await;
    let mut task = auditor(&office);
    let mut lane = office.lane(Channel::Citizen);
    office.publish((1..=10).map(citizen)).await;
    settle(&mut lane, 10).await;
    audited(&mut task, |ledger| {
        citizens(ledger).confirmed == 10 && citizens(ledger).new == 10
    })
    .await;

    let (name, mut server) = server_of(&office).await;
    disconnect(&mut server, &name).await;
    run(
        &mut server,
        format!("create database {name}_backup template {name}"),
    )
    .await;
    office.publish((11..=20).map(citizen)).await;
    settle(&mut lane, 10).await;
    audited(&mut task, |ledger| {
        citizens(ledger).confirmed == 20 && citizens(ledger).new == 20
    })
    .await;
    run(&mut server, format!("drop database {name} with (force)")).await;
    run(
        &mut server,
        format!("alter database {name}_backup rename to {name}"),
    )
    .await;
    eventually(PROVED, async || office.worker_store.ping().await.is_ok()).await;

    // the next statement says what was confirmed in all
    office.publish([citizen(21)]).await;
    settle(&mut lane, 1).await;
    lane.close().await;
    let ledger = audited(&mut task, |ledger| citizens(ledger).lost > 0).await;
    let citizens = citizens(&ledger);
    assert_eq!((citizens.lost, citizens.outstanding), (10, 0), "{citizens:#?}");
    assert_eq!((citizens.confirmed, citizens.new), (21, 11));
    assert!(citizens.is_whole(), "{citizens:#?}");
    // sent again, they are on the register
    assert_eq!(office.count().await, 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_disk_of_the_broker_everything_that_waited_is_named() {
    let (mut node, sandbox, benefits) = (broker().await, Sandbox::database().await, benefits());
    let uri = node.url().parse().unwrap();
    declare_topology(&uri).await.unwrap();
    let store = Store::connect(sandbox.database_url(), &StoreOptions::default()).unwrap();
    store.migrate().await.unwrap();
    let management = Management::new(&node.management_url(), &uri, false).unwrap();
    let totals = Some(TotalsProbe::new(management));
    let mut task = LedgerTask::new(store.clone(), uri.clone(), "worker", totals);
    let publisher = Publisher::start(PublisherConfig::new(uri.clone(), "test"));
    // until it is connected it refuses
    eventually(PROVED, async || {
        publisher.publish(citizen(1).submission()).await.is_ok()
    })
    .await;
    for number in 2..=20 {
        publisher.publish(citizen(number).submission()).await.unwrap();
    }
    audited(&mut task, |ledger| citizens(ledger).outstanding == 20).await;

    node.kill().await.unwrap();
    node.lose_disk().unwrap();
    node.start().await.unwrap();
    declare_topology(&uri).await.unwrap();
    let ledger = audited(&mut task, |ledger| citizens(ledger).lost > 0).await;
    let lost = citizens(&ledger);
    assert_eq!(
        (lost.lost, lost.outstanding, lost.confirmed),
        (20, 0, 20),
        "{lost:#?}"
    );

    // and it goes on
    let stop = CancellationToken::new();
    let draining = drain(&uri, &store, &benefits, stop.clone());
    eventually(PROVED, async || {
        publisher.publish(citizen(21).submission()).await.is_ok()
    })
    .await;
    let ledger = audited(&mut task, |ledger| {
        citizens(ledger).new == 1 && citizens(ledger).outstanding == 0
    })
    .await;
    assert!(citizens(&ledger).is_whole(), "{ledger:#?}");
    assert_eq!(citizens(&ledger).lost, 20);
    stop.cancel();
    draining.await.unwrap();
}

/// States what a process has confirmed, by a clock that is wrong by so much.
async fn state(office: &Office, process: ProcessId, confirmed: u64, wrong: SignedDuration) {
    let statement = Statement {
        process,
        channel: Channel::Citizen,
        decided_below: confirmed,
        exceptions: NumberSet::default(),
        confirmed_messages: confirmed,
        confirmed_applications: confirmed,
        edge: EdgeCounts::default(),
        benefits: BenefitCounts::default(),
        stated_at: Timestamp::now() + wrong,
        is_final: false,
    };
    let (connection, amqp) = office.operator().await;
    let body = serde_json::to_vec(&statement).unwrap();
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    let exchange = "applications.statements".into();
    let publish = amqp.basic_publish(exchange, "".into(), options, &body, properties);
    publish.await.unwrap().await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
}

/// A worker settles these messages of one application each.
async fn arrive(office: &Office, process: ProcessId, numbers: &[u64]) {
    let applications = numbers.len() as u64;
    let arrival = LedgerArrival {
        channel: Channel::Citizen,
        numbers: vec![(process, numbers.iter().map(|number| (*number, 1)).collect())],
        unnumbered: 0,
        applications,
        benefits: BenefitCounts::default(),
        settled: SettledCounts {
            new: applications,
            ..SettledCounts::default()
        },
    };
    office.worker_store.record_arrival(&arrival).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_jump_change_no_sum_and_lose_nothing() {
    let office = open().await;
    let mut task = auditor(&office);
    let process = ProcessId::random();
    let hours = SignedDuration::from_hours;
    let mut stated = 0;
    for wrong in [hours(0), hours(1), hours(-2), hours(24), hours(-1)] {
        stated += 10;
        state(&office, process, stated, wrong).await;
        audited(&mut task, |ledger| citizens(ledger).confirmed == stated).await;
    }
    // the youngest come first
    let numbers: Vec<u64> = (0..stated).collect();
    let (old, young) = numbers.split_at(20);
    arrive(&office, process, young).await;
    let has_young = |ledger: &Ledger| citizens(ledger).new == 30;
    let ledger = audited(&mut task, has_young).await;
    assert_eq!((citizens(&ledger).outstanding, citizens(&ledger).lost), (20, 0));
    arrive(&office, process, old).await;
    let ledger = audited(&mut task, |ledger| citizens(ledger).new == stated).await;
    let citizens = citizens(&ledger);
    assert_eq!((citizens.outstanding, citizens.lost), (0, 0), "{citizens:#?}");
    assert!(
        citizens.suspects.is_empty() && citizens.gaps.is_empty(),
        "{citizens:#?}"
    );
    assert!(citizens.oldest_waiting_since.is_none() && citizens.is_whole());
}
