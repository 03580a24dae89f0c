//! A bulk load never delays citizens, and neither channel starves.

use std::num::NonZeroUsize;

use jiff::Timestamp;
use sportello_domain::Channel;
use sportello_queue::depths;
use sportello_testkit::eventually;
use sqlx::Executor as _;
use tokio::task::JoinHandle;
use worker::{FairShare, Lane, Step};

use crate::support::{
    BICYCLE, LOCK, Office, SOON, Sent, bicycle, citizen, open, settle, with_three_bicycles,
};

/// Consumers of each channel. The program has one more than turns; these are so many that some of
/// each channel always wait for a turn. On a busy machine a lane takes, decodes and acknowledges
/// more slowly than others register, and a turn that its channel does not ask for goes to the other
/// channel.
const LANES: usize = 6;
/// A transaction takes a quarter; the rest is in hand when the broker is slow to send more.
const PREFETCH: u16 = 60;
/// Applications that share messages: few, so that a backlog is many messages and transactions.
const AT_ONCE: usize = 20;

/// An application of another person than the citizen of that number.
fn intermediary(number: u32) -> Sent {
    Sent {
        channel: Channel::Intermediary,
        ..citizen(50_000 + number)
    }
}

/// Both channels' lanes, attached to their queues.
async fn attached_lanes(office: &Office) -> Vec<Lane> {
    let lanes = (0..LANES).flat_map(|_| Channel::ALL);
    let lanes: Vec<_> = lanes.map(|channel| office.lane_with(channel, PREFETCH)).collect();
    let attachments: Vec<_> = lanes.iter().map(Lane::attachment).collect();
    eventually(SOON, async || {
        attachments.iter().all(|attachment| attachment.is_whole())
    })
    .await;
    lanes
}

async fn publish(office: &Office, sent: impl Iterator<Item = Sent>) {
    let sent: Vec<_> = sent.collect();
    for part in sent.chunks(AT_ONCE) {
        office.publish(part.iter().copied()).await;
    }
}

fn drain(lanes: Vec<Lane>) -> Vec<JoinHandle<()>> {
    let run = async |mut lane: Lane| {
        while let Step::Done(_) = lane.step().await {}
        lane.close().await;
    };
    lanes.into_iter().map(|lane| tokio::spawn(run(lane))).collect()
}

async fn stop(office: &Office, lanes: Vec<JoinHandle<()>>) {
    office.stop.cancel();
    for lane in lanes {
        lane.await.unwrap();
    }
}

/// Applications of intermediaries that have a lower number than the last of citizens, and those
/// that have a higher.
async fn around_the_last_citizen(office: &Office) -> (i64, i64) {
    sqlx::query_as(
        "with last as (select max(protocol_number) as number from applications where channel = 'citizen')
         select count(*) filter (where protocol_number < number), count(*) filter (where protocol_number > number)
         from applications, last where channel = 'intermediary'",
    )
    .fetch_one(&mut office.connection().await)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_backlog_in_both_queues_intermediaries_get_a_fifth_until_citizens_are_done() {
    intermediaries_get_a_fifth(open().await).await;
    // then with four queues of each channel: two such backlogs at once keep the broker too busy to
    // have the next message of citizens ready
    intermediaries_get_a_fifth(open().await.with_shards("4").await).await;
}

async fn intermediaries_get_a_fifth(office: Office) {
    const CITIZENS: u32 = 6_000;
    const INTERMEDIARIES: u32 = 4_000;
    publish(&office, (1..=CITIZENS).map(citizen)).await;
    publish(&office, (1..=INTERMEDIARIES).map(intermediary)).await;
    // none begins before all can
    let mut other = office.connection().await;
    other.execute(LOCK).await.unwrap();
    let before = depths(&office.uri).await.unwrap();
    let lanes = attached_lanes(&office).await;
    // the broker has handed out as much as it may: none begins with empty hands
    let in_hand = u32::try_from(LANES).unwrap() * u32::from(PREFETCH);
    eventually(SOON, async || {
        let waiting = depths(&office.uri).await.unwrap();
        let is_handed_out = |&channel| waiting.of(channel) + in_hand <= before.of(channel).max(in_hand);
        Channel::ALL.iter().all(is_handed_out)
    })
    .await;
    let lanes = drain(lanes);
    let mut observer = office.connection().await;
    office.somebody_waits(&mut observer).await;
    other.execute("rollback").await.unwrap();
    let all = u64::from(CITIZENS + INTERMEDIARIES);
    eventually(SOON, async || office.count().await == all).await;
    stop(&office, lanes).await;

    let (before, _) = around_the_last_citizen(&office).await;
    // a quarter of 6,000 are 1,500
    assert!(
        (750..=2_500).contains(&before),
        "{before} of intermediaries before the last citizen"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_does_not_wait_for_the_end_of_a_bulk_load() {
    const INTERMEDIARIES: u32 = 10_000;
    let office = open().await;
    publish(&office, (1..=INTERMEDIARIES).map(intermediary)).await;
    let lanes = drain(attached_lanes(&office).await);
    eventually(SOON, async || office.count().await > 500).await;
    office.publish([citizen(1)]).await;
    let left = i64::from(INTERMEDIARIES) - i64::try_from(office.count().await).unwrap();
    let all = u64::from(INTERMEDIARIES + 1);
    eventually(SOON, async || office.count().await == all).await;
    stop(&office, lanes).await;

    let (_, after) = around_the_last_citizen(&office).await;
    assert!(
        left > 1_000,
        "only {left} were left when the citizen came: the test shows nothing"
    );
    assert!(
        after >= left / 2,
        "{after} of the {left} were registered after the citizen's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_waits_for_a_benefits_file_has_given_its_turn_away() {
    let mut office = open().await;
    office.fair_share = FairShare::new(NonZeroUsize::MIN, "4:1".parse().unwrap());
    let now = Timestamp::now().to_string();
    let waiting = intermediary(1).asking_for(BICYCLE).at(&now);
    let neighbour = intermediary(2);
    office.publish_together(&[waiting, neighbour]).await;
    let (mut bulk, mut lane) = (office.lane(Channel::Intermediary), office.lane(Channel::Citizen));
    let (done, ()) = tokio::join!(settle(&mut bulk, 2), async {
        eventually(SOON, async || office.registered(&neighbour).await.is_some()).await;
        office.publish([citizen(1)]).await;
        assert_eq!(settle(&mut lane, 1).await.registered, 1);
        assert!(office.registered(&waiting).await.is_none());
        office.write_benefit(&bicycle(), with_three_bicycles);
    });
    assert_eq!(done.registered, 2);
    bulk.close().await;
    lane.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_stopped_while_it_waits_for_its_turn_gives_its_batch_back() {
    let office = open().await;
    let held = [
        office.fair_share.turn(Channel::Citizen, 1).await,
        office.fair_share.turn(Channel::Intermediary, 1).await,
    ];
    office.publish([citizen(1)]).await;
    let mut lane = office.lane(Channel::Citizen);
    let uri = office.uri.clone();
    let in_queue = async |wanted| {
        eventually(SOON, async || {
            let depths = sportello_queue::depths(&uri).await;
            depths.is_ok_and(|depths| depths.of(Channel::Citizen) == wanted)
        })
        .await;
    };
    let (step, ()) = tokio::join!(lane.step(), async {
        in_queue(0).await;
        office.stop.cancel();
    });
    assert_eq!(step, Step::Stopped);
    lane.close().await;
    in_queue(1).await;
    assert_eq!(office.count().await, 0);
    drop(held);
}
