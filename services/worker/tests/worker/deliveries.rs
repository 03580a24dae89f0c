//! Messages that are taken, settled and acknowledged.

use std::collections::BTreeSet;

use sportello_domain::{AcceptedApplication, Channel, Outcome};
use sportello_queue::{Consumer, ConsumerConfig, decode};
use sportello_store::{HistoryEvent, Registrable};
use sqlx::Executor as _;
use worker::{Done, Step};

use crate::support::{LOCK, Sent, citizen, open, settle};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_is_registered_with_number_and_history_and_acknowledged() {
    let office = open().await;
    office.publish((1..=40).map(citizen)).await;
    let mut lane = office.lane(Channel::Citizen);
    assert_eq!(
        settle(&mut lane, 40).await,
        Done {
            registered: 40,
            ..Done::default()
        }
    );
    lane.close().await;

    let mut numbers = BTreeSet::new();
    for number in 1..=40 {
        let found = office.registered(&citizen(number)).await.unwrap();
        assert_eq!(found.outcome, Outcome::Registered);
        assert_eq!(found.received_at.to_string(), "2020-04-01T06:00:00.5Z");
        assert_eq!(found.history.len(), 1);
        assert_eq!(found.history[0].event, HistoryEvent::Registered);
        numbers.insert(found.protocol.number);
    }
    assert_eq!(numbers, (1..=40).collect());
    office.assert_drained(Channel::Citizen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_channel_has_its_own_lane() {
    let office = open().await;
    let intermediary = |number| Sent {
        channel: Channel::Intermediary,
        ..citizen(number)
    };
    office.publish([citizen(1), intermediary(2)]).await;
    for (channel, sent) in [
        (Channel::Citizen, citizen(1)),
        (Channel::Intermediary, intermediary(2)),
    ] {
        let mut lane = office.lane(channel);
        settle(&mut lane, 1).await;
        assert_eq!(
            office.registered(&sent).await.unwrap().submitter.channel(),
            channel
        );
        lane.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_commit_and_acknowledgement_registers_once() {
    let office = open().await;
    office.publish((1..=20).map(citizen)).await;
    let mut lane = office.lane(Channel::Citizen);
    // the database makes the batch wait, and meanwhile the broker takes it back
    let mut other = office.connection().await;
    other.execute(LOCK).await.unwrap();
    let (step, ()) = tokio::join!(lane.step(), async {
        let mut observer = office.connection().await;
        office.somebody_waits(&mut observer).await;
        office.sandbox.close_connections().await;
        other.execute("rollback").await.unwrap();
    });
    let Step::Done(first) = step else {
        panic!("the lane stopped")
    };
    assert!(first.registered > 0);

    // everything comes again, registered applications too
    let again = settle(&mut lane, 20).await;
    assert_eq!(
        (again.registered, again.existing),
        (20 - first.registered, first.registered)
    );
    assert_eq!(office.count().await, 20);
    let found = office.registered(&citizen(1)).await.unwrap();
    assert_eq!(found.history.len(), 1);
    lane.close().await;
    office.assert_drained(Channel::Citizen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_with_a_batch_in_hand_leaves_it_to_the_next() {
    let office = open().await;
    office.publish((1..=20).map(citizen)).await;
    let config = ConsumerConfig {
        uri: office.uri.clone(),
        channel: Channel::Citizen,
        prefetch: 200,
        name: "dies".into(),
    };
    let mut consumer = Consumer::start(config);
    let taken = consumer.take(500).await.unwrap();
    let applications: Vec<_> = taken
        .iter()
        .flat_map(|delivery| decode(delivery.body()).unwrap().received)
        .map(|received| received.application)
        .collect();
    let catalogue = office.catalogue.current();
    let ruling = |application: &AcceptedApplication| {
        let benefit = catalogue.get(&application.application.benefit).unwrap();
        benefit.ruling(application)
    };
    let rulings: Vec<_> = applications.iter().map(ruling).collect();
    let batch: Vec<_> = (applications.iter().zip(&rulings))
        .map(|(application, ruling)| Registrable { application, ruling })
        .collect();
    office
        .store
        .register(&batch, catalogue.incompatibilities())
        .await
        .unwrap();
    drop((taken, consumer));

    let mut lane = office.lane(Channel::Citizen);
    let done = settle(&mut lane, 20).await;
    assert_eq!(
        (done.existing, done.registered),
        (applications.len(), 20 - applications.len())
    );
    assert_eq!(office.count().await, 20);
    lane.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_share_the_work_and_register_each_application_once() {
    let office = open().await;
    // everything twice: a retry reaches the queue as a message of its own
    office.publish((1..=300).chain(1..=300).map(citizen)).await;
    let lanes = [office.lane(Channel::Citizen), office.lane(Channel::Citizen)];
    let workers: Vec<_> = lanes
        .into_iter()
        .map(|mut lane| {
            tokio::spawn(async move {
                let mut all = (0, 0);
                while let Step::Done(done) = lane.step().await {
                    all = (all.0 + done.registered, all.1 + done.existing);
                }
                lane.close().await;
                all
            })
        })
        .collect();
    sportello_testkit::eventually(crate::support::SOON, async || {
        office.count().await == 300
            && sportello_queue::depths(&office.uri)
                .await
                .is_ok_and(|depths| depths.of(Channel::Citizen) == 0)
    })
    .await;
    office.stop.cancel();
    let mut registered = 0;
    for worker in workers {
        registered += worker.await.unwrap().0;
    }
    assert_eq!(registered, 300);
    assert_eq!(office.count().await, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_lane_takes_nothing_more() {
    let office = open().await;
    let mut lane = office.lane(Channel::Citizen);
    office.stop.cancel();
    office.publish([citizen(1)]).await;
    assert_eq!(lane.step().await, Step::Stopped);
    lane.close().await;
    assert_eq!(office.count().await, 0);
}
