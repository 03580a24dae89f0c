//! The ledger on a real broker and a real database.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use lapin::BasicProperties;
use lapin::options::{BasicGetOptions, BasicPublishOptions};
use lapin::types::{AMQPValue, FieldTable};
use sportello_domain::{Channel, ProcessId, Stamp};
use sportello_ledger::LedgerTask;
use sportello_ledger::read::{self, ChannelLedger, Ledger, Numbers};
use sportello_queue::{
    BrokerUri, DeadLetters, LetterBox, Management, NEWEST_VERSION, Publisher, PublisherConfig, TotalsProbe,
    declare_topology, depths, encode,
};
use sportello_store::{Store, StoreOptions};
use sportello_testkit::{Sandbox, broker, eventually};
use sqlx::{Executor as _, Row as _};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{FairShare, Ingester, Lane, LaneConfig, Progress, Step};

use crate::support::{LOCK, Office, benefits, citizen, open, refused, settle};

/// For a proof: the broker has run for half a minute, and what is compared is ten seconds old.
pub(crate) const PROVED: Duration = Duration::from_secs(90);

pub(crate) fn auditor(office: &Office) -> LedgerTask {
    let broker = office.worker_uri();
    let management = Management::new(&office.sandbox.management_url(), &broker, false).unwrap();
    let totals = Some(TotalsProbe::new(management));
    LedgerTask::new(office.worker_store.clone(), broker, "worker", totals)
}

/// Makes rounds until the ledger is as wanted, one each half second.
pub(crate) async fn audited(task: &mut LedgerTask, wanted: impl Fn(&Ledger) -> bool) -> Ledger {
    let deadline = tokio::time::Instant::now() + PROVED;
    loop {
        // the only auditor
        let ledger = task.step().await.unwrap().unwrap();
        if wanted(&ledger) {
            return ledger;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "not within {PROVED:?}: {ledger:#?}"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

pub(crate) fn citizens(ledger: &Ledger) -> &ChannelLedger {
    &ledger.channels[Channel::Citizen]
}

/// Takes one message out of the queue, for good. Returns its number and its applications.
async fn take_by_hand(office: &Office) -> (Stamp, u64) {
    let (connection, amqp) = office.operator().await;
    let options = BasicGetOptions { no_ack: true };
    let message = amqp
        .basic_get("applications.citizen".into(), options)
        .await
        .unwrap()
        .unwrap();
    let properties = &message.delivery.properties;
    let id = properties.message_id().clone().unwrap();
    let headers = properties.headers().clone().unwrap();
    let applications = headers.inner()["applications"].as_long_uint().unwrap();
    connection.close(200, "done".into()).await.unwrap();
    (
        Stamp::parse(Channel::Citizen, id.as_str()).unwrap(),
        applications.into(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_taken_by_hand_is_named() {
    let office = open().await;
    office.publish((1..=20).map(citizen)).await;
    let (taken, applications) = take_by_hand(&office).await;
    office.publish((21..=60).map(citizen)).await;
    let mut lane = office.lane(Channel::Citizen);
    settle(&mut lane, usize::try_from(60 - applications).unwrap()).await;
    lane.close().await;

    let ledger = audited(&mut auditor(&office), |ledger| !citizens(ledger).gaps.is_empty()).await;
    let citizens = citizens(&ledger);
    let [gap] = &citizens.gaps[..] else {
        panic!("{citizens:#?}")
    };
    assert_eq!(gap.process, taken.process);
    let only = Numbers {
        first: taken.number,
        last: taken.number,
    };
    assert_eq!(
        (&gap.numbers[..], gap.messages, gap.applications),
        (&[only][..], 1, applications)
    );
    assert_eq!((citizens.lost, citizens.outstanding), (applications, 0));
    assert_eq!((citizens.confirmed, citizens.new), (60, 60 - applications));
    assert!(citizens.is_whole(), "{citizens:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_others_wait_a_loss_is_counted() {
    let office = open().await;
    for number in 1..=3 {
        office.publish([citizen(number)]).await;
    }
    take_by_hand(&office).await;
    let unnamed = |ledger: &Ledger| citizens(ledger).lost_unnamed_messages > 0;
    let ledger = audited(&mut auditor(&office), unnamed).await;
    let citizens = citizens(&ledger);
    assert_eq!((citizens.lost_unnamed_messages, citizens.gaps.len()), (1, 0));
    assert_eq!((citizens.queue_messages, citizens.outstanding), (Some(2), 3));
    assert!(citizens.oldest_waiting_since.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_the_acknowledgement_counts_once() {
    let office = open().await;
    let mut lane = office.lane(Channel::Citizen);
    let mut other = office.connection().await;
    other.execute(LOCK).await.unwrap();
    office.publish([citizen(1)]).await;
    let stepping = tokio::spawn(async move {
        let step = lane.step().await;
        (lane, step)
    });
    let mut observer = office.connection().await;
    office.somebody_waits(&mut observer).await;
    // the commit succeeds, the acknowledgement does not
    office.sandbox.close_connections().await;
    other.execute("rollback").await.unwrap();
    let (mut lane, step) = stepping.await.unwrap();
    assert!(
        matches!(step, Step::Done(done) if done.registered == 1),
        "{step:?}"
    );
    assert_eq!(settle(&mut lane, 1).await.existing, 1);
    lane.close().await;

    let settled = |ledger: &Ledger| citizens(ledger).confirmed == 1;
    let ledger = audited(&mut auditor(&office), settled).await;
    let citizens = citizens(&ledger);
    assert_eq!((citizens.new, citizens.existing, citizens.repeated), (1, 1, 1));
    assert_eq!(
        (citizens.outstanding, citizens.is_whole()),
        (0, true),
        "{citizens:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_not_acknowledged_while_a_part_is_unsettled() {
    let office = open().await;
    // one application, and a header that says two: as if decoding had dropped one
    let (connection, amqp) = office.operator().await;
    let stamp = Stamp {
        process: ProcessId::random(),
        channel: Channel::Citizen,
        number: 0,
    };
    let mut headers = FieldTable::default();
    headers.insert("applications".into(), AMQPValue::LongUInt(2));
    let properties = BasicProperties::default()
        .with_message_id(stamp.message_id().into())
        .with_headers(headers);
    let body = encode([citizen(1).submission()].iter());
    let options = BasicPublishOptions::default();
    let publish = amqp.basic_publish(
        "applications".into(),
        "citizen".into(),
        options,
        &body,
        properties,
    );
    publish.await.unwrap().await.unwrap();
    connection.close(200, "done".into()).await.unwrap();

    let mut lane = office.lane(Channel::Citizen);
    let stepping = tokio::spawn(async move {
        let step = lane.step().await;
        lane.close().await;
        step
    });
    eventually(PROVED, async || office.count().await == 1).await;
    let mut database = office.connection().await;
    let recorded = sqlx::query("select count(*) from ledger_arrivals").fetch_one(&mut database);
    assert_eq!(recorded.await.unwrap().get::<i64, _>(0), 0);
    office.stop.cancel();
    assert_eq!(stepping.await.unwrap(), Step::Stopped);
    // it is there again
    eventually(PROVED, async || {
        depths(&office.uri).await.unwrap().of(Channel::Citizen) == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_and_withdrawals_are_in_the_sum() {
    let office = open().await;
    office.publish([citizen(1), refused(2), citizen(3)]).await;
    office.withdraw(&citizen(1), citizen(1).submitter()).await;
    office.publish_bytes(Channel::Citizen, b"rubbish").await;
    let mut lane = office.lane(Channel::Citizen);
    settle(&mut lane, 5).await;
    lane.close().await;
    let stated = |ledger: &Ledger| citizens(ledger).confirmed == 4;
    let mut task = auditor(&office);
    let ledger = audited(&mut task, stated).await;
    let citizens = citizens(&ledger);
    assert_eq!((citizens.new, citizens.withdrawals, citizens.dead), (2, 1, 2));
    assert_eq!((citizens.unnumbered, citizens.outstanding), (1, 0));
    assert!(citizens.is_whole(), "{citizens:#?}");
    assert_eq!(
        read::outcomes(&office.store).await.unwrap(),
        office.store.counts().await.unwrap()
    );

    // a dead letter names its message, and its place there
    let (connection, amqp) = office.operator().await;
    let options = BasicGetOptions { no_ack: false };
    let mut ids = Vec::new();
    while let Some(letter) = amqp
        .basic_get("applications.dead-letter".into(), options)
        .await
        .unwrap()
    {
        ids.extend(letter.delivery.properties.message_id().clone());
    }
    connection.close(200, "done".into()).await.unwrap();
    let [id] = &ids[..] else { panic!("{ids:?}") };
    assert_eq!(id.as_str().matches('.').count(), 2, "{id}");

    // once they are in the table, they are open
    take_in(&office, 2).await;
    let ledger = audited(&mut task, |ledger| self::citizens(ledger).dead_open == 2).await;
    assert_eq!(self::citizens(&ledger).dead, 2);
}

/// Takes so many dead letters into the table.
pub(crate) async fn take_in(office: &Office, letters: usize) {
    let letter_box = LetterBox::new(office.worker_uri(), "test");
    let ingester = Ingester::new(office.worker_store.clone(), letter_box);
    let mut new = 0;
    while new < letters {
        new += ingester.step().await.unwrap().new;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_a_queue_is_a_dead_letter_in_the_sum() {
    let office = open().await;
    let (connection, amqp) = office.operator().await;
    let stamp = Stamp {
        process: ProcessId::random(),
        channel: Channel::Citizen,
        number: 0,
    };
    let properties = BasicProperties::default().with_message_id(stamp.message_id().into());
    let body = encode([citizen(1).submission()].iter());
    // as the broker routes it where the channel's binding is missing
    let publish = amqp.basic_publish(
        "applications.unrouted".into(),
        "citizen".into(),
        BasicPublishOptions::default(),
        &body,
        properties,
    );
    publish.await.unwrap().await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
    take_in(&office, 1).await;
    let ledger = audited(&mut auditor(&office), |ledger| citizens(ledger).dead == 1).await;
    let citizens = citizens(&ledger);
    assert_eq!(
        (citizens.dead_open, citizens.unconfirmed, citizens.unnumbered),
        (1, 1, 0)
    );
    assert!(citizens.is_whole(), "{citizens:#?}");
}

/// Publishes until it is cancelled. Returns how many were confirmed.
async fn load(publisher: Publisher, stop: CancellationToken) -> u64 {
    let mut confirmed = 0;
    for number in 1.. {
        if stop.is_cancelled() {
            break;
        }
        if publisher.publish(citizen(number).submission()).await.is_ok() {
            confirmed += 1;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    confirmed
}

/// Drains the citizens' queue until it is cancelled.
pub(crate) fn drain(
    uri: &BrokerUri,
    store: &Store,
    benefits: &TempDir,
    stop: CancellationToken,
) -> JoinHandle<()> {
    let config = LaneConfig {
        uri: uri.clone(),
        channel: Channel::Citizen,
        prefetch: 160,
        batch: 500,
        fair_share: FairShare::new(NonZeroUsize::MIN, "4:1".parse().unwrap()),
        progress: Progress::default(),
        overload: None,
        newest: NEWEST_VERSION,
    };
    let catalogue = sportello_catalogue::LiveCatalogue::start(benefits.path().to_owned()).unwrap();
    let letters = Arc::new(DeadLetters::new(uri.clone(), "test"));
    let mut lane = Lane::start(config, store.clone(), catalogue, letters, stop);
    tokio::spawn(async move {
        while lane.step().await != Step::Stopped {}
        lane.close().await;
    })
}

/// Makes rounds until fifty more are confirmed. No gap is named meanwhile.
async fn fifty_more(task: &mut LedgerTask, before: &Ledger) -> Ledger {
    let least = citizens(before).confirmed + 50;
    audited(task, |ledger| {
        has_no_gap(ledger) && citizens(ledger).confirmed >= least
    })
    .await
}

fn has_no_gap(ledger: &Ledger) -> bool {
    let citizens = citizens(ledger);
    let lost = (citizens.gaps.len(), citizens.lost_unnamed_messages);
    assert_eq!(lost, (0, 0), "{citizens:#?}");
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_and_frozen_three_times_under_load_makes_no_gap() {
    let (mut node, sandbox, benefits) = (broker().await, Sandbox::database().await, benefits());
    let uri = node.url().parse().unwrap();
    declare_topology(&uri).await.unwrap();
    let store = Store::connect(sandbox.database_url(), &StoreOptions::default()).unwrap();
    store.migrate().await.unwrap();
    let management = Management::new(&node.management_url(), &uri, false).unwrap();
    let mut task = LedgerTask::new(
        store.clone(),
        uri.clone(),
        "worker",
        Some(TotalsProbe::new(management)),
    );
    let publisher = Publisher::start(PublisherConfig::new(uri.clone(), "test"));
    let (quiet, stop) = (CancellationToken::new(), CancellationToken::new());
    let loading = tokio::spawn(load(publisher.clone(), quiet.clone()));
    let draining = drain(&uri, &store, &benefits, stop.clone());

    let mut ledger = audited(&mut task, |ledger| {
        has_no_gap(ledger) && citizens(ledger).confirmed >= 50
    })
    .await;
    for _ in 0..3 {
        node.kill().await.unwrap();
        node.start().await.unwrap();
        ledger = fifty_more(&mut task, &ledger).await;
        node.process().freeze();
        // the fault itself: confirms are late, and the broker's counts stand still
        tokio::time::sleep(Duration::from_secs(7)).await;
        node.process().thaw();
        ledger = fifty_more(&mut task, &ledger).await;
    }

    quiet.cancel();
    let answered = loading.await.unwrap();
    publisher.drain(PROVED).await.unwrap();
    // judged, with empty queues, and by all that was stated
    let judged = |ledger: &Ledger| {
        let (compared, citizens) = (ledger.compared_since.is_some(), citizens(ledger));
        has_no_gap(ledger) && compared && citizens.queue_messages == Some(0) && citizens.outstanding == 0
    };
    ledger = audited(&mut task, judged).await;
    let since = ledger.audited_at;
    // three counts of the broker later
    let later =
        |ledger: &Ledger| judged(ledger) && ledger.audited_at >= since.map(|at| at + Duration::from_secs(15));
    audited(&mut task, later).await;
    let citizens = citizens(&ledger);
    let confirmed = citizens.confirmed + citizens.unconfirmed;
    assert!(citizens.is_whole() && confirmed >= answered, "{citizens:#?}");
    let counts = store.counts().await.unwrap();
    assert_eq!(
        citizens.new,
        counts.iter().map(|count| count.applications).sum::<u64>()
    );
    stop.cancel();
    draining.await.unwrap();
}
