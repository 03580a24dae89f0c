//! The database ends and comes back.

use sportello_domain::Channel;
use sportello_testkit::{Sandbox, eventually};
use worker::Step;

use crate::support::{SOON, citizen, open_with};

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_nothing_is_lost_and_nothing_dead_lettered() {
    let mut server = sportello_testkit::postgres().await;
    let office = open_with(Sandbox::queue().await, server.url()).await;
    let mut lane = office.lane(Channel::Citizen);
    let working = tokio::spawn(async move {
        while let Step::Done(_) = lane.step().await {}
        lane.close().await;
    });

    for round in 0..2 {
        // killed with a backlog, then with a trickle
        let numbers = round * 200 + 1..=round * 200 + 200;
        office.publish(numbers.clone().take(100).map(citizen)).await;
        server.process().kill().await.unwrap();
        office.publish(numbers.skip(100).map(citizen)).await;
        server.start().await.unwrap();
        let wanted = u64::from(round + 1) * 200;
        eventually(SOON, async || {
            let counts = office.store.counts().await.unwrap_or_default();
            counts.iter().map(|count| count.applications).sum::<u64>() == wanted
        })
        .await;
    }
    office.stop.cancel();
    working.await.unwrap();
    for number in 1..=400 {
        let found = office.registered(&citizen(number)).await.unwrap();
        assert_eq!(found.history.len(), 1, "application {number}");
    }
    assert_eq!(office.dead_letters().await, []);
    office.assert_drained(Channel::Citizen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_stopped_while_the_database_is_away_gives_its_batch_back() {
    let server = sportello_testkit::postgres().await;
    let office = open_with(Sandbox::queue().await, server.url()).await;
    server.process().kill().await.unwrap();
    office.publish([citizen(1)]).await;
    let mut lane = office.lane(Channel::Citizen);
    let uri = office.uri.clone();
    let (step, ()) = tokio::join!(lane.step(), async {
        eventually(SOON, async || {
            sportello_queue::depths(&uri)
                .await
                .is_ok_and(|depths| depths.of(Channel::Citizen) == 0)
        })
        .await;
        office.stop.cancel();
    });
    assert_eq!(step, Step::Stopped);
    lane.close().await;
    eventually(SOON, async || {
        sportello_queue::depths(&uri)
            .await
            .is_ok_and(|depths| depths.of(Channel::Citizen) == 1)
    })
    .await;
}
