//! The auditor: a worker or a console, one of them at a time.

use std::time::Duration;

use sportello_domain::{Channel, ProcessId};
use sportello_ledger::LedgerTask;
use sportello_ledger::read::{self, Ledger};
use sportello_queue::topology::Topology;
use sportello_queue::{BrokerUri, Management, TotalsProbe};
use sportello_store::{Store, StoreOptions};
use sportello_testkit::{Account, eventually};
use sqlx::Executor as _;
use tokio_util::sync::CancellationToken;
use worker::Recounting;

use crate::ledger::{PROVED, audited, auditor, citizens, take_in};
use crate::support::{Office, citizen, open, refused, settle};

/// The console's auditor, with the rights that the console has.
fn consoles_auditor(office: &Office) -> LedgerTask {
    let uri = Account::Console.address(office.sandbox.amqp_url());
    let uri: BrokerUri = uri.parse().unwrap();
    let management = Management::new(&office.sandbox.management_url(), &uri, false).unwrap();
    let url = Account::Console.address(&office.database_url);
    let store = Store::connect(&url, &StoreOptions::default()).unwrap();
    let broker = uri.with_topology(Topology::Expect);
    LedgerTask::new(store, broker, "console", Some(TotalsProbe::new(management)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_stuck_in_its_queue_is_not_missing() {
    let office = open().await;
    office.publish([refused(1)]).await;
    let mut lane = office.lane(Channel::Citizen);
    settle(&mut lane, 1).await;
    lane.close().await;
    // nobody takes it into the table
    let mut task = auditor(&office);
    let is_settled = |ledger: &Ledger| ledger.compared_since.is_some() && citizens(ledger).dead == 1;
    let since = audited(&mut task, is_settled).await.audited_at.unwrap();
    // until the broker has counted its queues again and again
    let mut now = since;
    while now < since + Duration::from_secs(20) {
        assert_eq!(office.store.settled_before().await.unwrap(), None);
        let ledger = audited(&mut task, is_settled).await;
        now = ledger.audited_at.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    take_in(&office, 1).await;
    eventually(PROVED, async || {
        audited(&mut task, is_settled).await;
        office.store.settled_before().await.unwrap().is_some()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_process_audits_at_a_time() {
    let office = open().await;
    let (mut one, mut other) = (auditor(&office), consoles_auditor(&office));
    assert!(one.step().await.unwrap().is_some());
    assert!(other.step().await.unwrap().is_none());
    assert!(one.step().await.unwrap().is_some());
    // its place is free once it has not come for five seconds
    eventually(PROVED, async || other.step().await.unwrap().is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ends_in_order_leaves_its_place_at_once() {
    let office = open().await;
    let (mut one, mut other) = (auditor(&office), consoles_auditor(&office));
    assert!(one.step().await.unwrap().is_some());
    let stop = CancellationToken::new();
    let running = tokio::spawn(one.run(stop.clone(), || {}));
    assert!(other.step().await.unwrap().is_none());
    stop.cancel();
    running.await.unwrap();
    assert!(other.step().await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_can_not_count_the_queues_gives_way() {
    let office = open().await;
    let mut blind = LedgerTask::new(office.worker_store.clone(), office.worker_uri(), "worker", None);
    assert!(blind.step().await.unwrap().is_some());
    let mut seeing = consoles_auditor(&office);
    assert!(seeing.step().await.unwrap().is_some());
    assert!(blind.step().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_and_console_audit_with_their_own_rights() {
    let office = open().await;
    office.publish([citizen(1)]).await;
    let mut lane = office.lane(Channel::Citizen);
    settle(&mut lane, 1).await;
    let mut task = auditor(&office);
    audited(&mut task, |ledger| citizens(ledger).confirmed == 1).await;
    // the console takes over, and goes on where the worker ended
    let mut task = consoles_auditor(&office);
    eventually(PROVED, async || task.step().await.unwrap().is_some()).await;
    office.publish([refused(2)]).await;
    settle(&mut lane, 1).await;
    lane.close().await;
    let ledger = audited(&mut task, |ledger| citizens(ledger).confirmed == 2).await;
    let sums = citizens(&ledger);
    assert_eq!((sums.new, sums.dead, sums.repeated), (1, 1, 0));
    assert!(citizens(&ledger).is_whole(), "{ledger:#?}");
    let url = Account::Console.address(&office.database_url);
    let console = Store::connect(&url, &StoreOptions::default()).unwrap();
    assert_eq!(read::ledger(&console).await.unwrap().channels, ledger.channels);
    let since = ledger.audited_at.unwrap() - Duration::from_secs(60);
    let seconds = read::seconds(&console, Channel::Citizen, since).await.unwrap();
    assert_eq!(seconds.last().unwrap().settled, 2);
    assert_eq!(
        read::outcomes(&console).await.unwrap(),
        office.store.counts().await.unwrap()
    );
    let closed = read::close_tail(
        &console,
        ProcessId::random(),
        Channel::Citizen,
        "nobody",
        "no such process",
    );
    assert!(!closed.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nightly_count_finds_a_counter_that_is_wrong() {
    let office = open().await;
    office.publish([citizen(1), citizen(2), citizen(3)]).await;
    let mut lane = office.lane(Channel::Citizen);
    settle(&mut lane, 3).await;
    lane.close().await;
    let recounting = Recounting::new(office.worker_store.clone());
    // what the auditor has not folded counts, too
    let counted = recounting.step(true).await.unwrap().unwrap();
    assert_eq!((counted.applications, counted.miscounted), (3, 0));
    let mut task = auditor(&office);
    audited(&mut task, |ledger| ledger.miscounted == Some(0)).await;
    let counted = recounting.step(true).await.unwrap().unwrap();
    assert_eq!(counted.miscounted, 0);

    let mut database = office.connection().await;
    let wrong = "update outcome_counts set applications = applications + 2";
    database.execute(wrong).await.unwrap();
    let counted = recounting.step(true).await.unwrap().unwrap();
    assert_eq!((counted.applications, counted.miscounted), (3, 2));
    audited(&mut task, |ledger| ledger.miscounted == Some(2)).await;
    // by night alone, and once
    assert!(!office.worker_store.is_recount_due().await.unwrap());
}
