//! An update in any order: messages of a newer system wait for a newer worker.

use sportello_domain::Channel;
use sportello_queue::{NEWEST_VERSION, encode};
use sportello_testkit::eventually;
use tokio::task::JoinHandle;
use worker::{Done, Lane, Step};

use crate::support::{Office, SOON, Sent, citizen, open, settle};

const NEWER: u64 = NEWEST_VERSION + 1;

/// Publishes a message of its own for each, as a newer intake would.
async fn publish_newer(office: &Office, sent: &[Sent]) {
    for sent in sent {
        let envelope = String::from_utf8(encode([sent.submission()].iter())).unwrap();
        let newer = envelope.replacen(r#""version":1"#, &format!(r#""version":{NEWER}"#), 1);
        assert_ne!(newer, envelope);
        office.publish_bytes(Channel::Citizen, newer.as_bytes()).await;
    }
}

/// Steps until the office stops.
fn run(mut lane: Lane) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Step::Done(_) = lane.step().await {}
        lane.close().await;
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_system_wrote_waits_for_a_newer_worker() {
    let office = open().await;
    publish_newer(&office, &[citizen(1), citizen(2)]).await;
    office.publish((3..=6).map(citizen)).await;
    let mut older = office.lane(Channel::Citizen);
    let kept = older.kept();
    let done = settle(&mut older, 4).await;
    assert_eq!(
        done,
        Done {
            registered: 4,
            ..Done::default()
        },
        "the others go on"
    );
    assert_eq!(kept.count(), 2);
    older.close().await;

    let mut newer = office.lane_of_version(Channel::Citizen, NEWER);
    assert_eq!(settle(&mut newer, 2).await.registered, 2);
    newer.close().await;
    office.assert_drained(Channel::Citizen).await;
    assert_eq!(office.dead_letters().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_worker_keeps_nothing_from_a_newer_one_for_good() {
    let office = open().await;
    let sent: Vec<_> = (1..=12).map(citizen).collect();
    let (older, newer) = (
        office.lane(Channel::Citizen),
        office.lane_of_version(Channel::Citizen, NEWER),
    );
    let kept = older.kept();
    let lanes = [run(older), run(newer)];
    publish_newer(&office, &sent).await;
    eventually(SOON * 4, async || office.count().await == 12).await;
    assert_eq!(kept.count(), 0);
    office.stop.cancel();
    for lane in lanes {
        lane.await.unwrap();
    }
    office.assert_drained(Channel::Citizen).await;
    assert_eq!(office.dead_letters().await, []);
}
