//! Registering gives way to a crowd at the door.

use std::sync::Arc;
use std::time::Duration;

use sportello_domain::Channel;
use sportello_queue::{Crowd, CrowdTeller};
use sportello_testkit::eventually;
use tokio::sync::Notify;
use worker::{Done, Step};

use crate::support::{Office, SOON, citizen, open};

/// One that intake has told of just now.
async fn crowd(office: &Office) -> Crowd {
    let crowd = Crowd::start(office.uri.clone(), "test", Duration::from_secs(3_600));
    let seen = Arc::new(Notify::new());
    let _teller = CrowdTeller::start(office.uri.clone(), "test", Arc::clone(&seen));
    eventually(SOON, async || {
        seen.notify_one();
        crowd.is_there()
    })
    .await;
    crowd
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_queue_is_registered_once_the_crowd_is_gone() {
    let office = open().await;
    office.publish([citizen(1), citizen(2)]).await;
    let crowd = crowd(&office).await;
    let mut lane = office.lane_that_waits(Channel::Citizen, 200, Some(crowd.clone()));
    let mut registered = 0;
    while registered < 2 {
        let Step::Done(Done { registered: more, .. }) = lane.step().await else {
            panic!("nobody told it to stop");
        };
        assert!(!crowd.is_there(), "it did not wait");
        registered += more;
    }
    lane.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_waits_for_the_end_of_a_crowd_can_be_told_to_stop() {
    let office = open().await;
    office.publish([citizen(1)]).await;
    let crowd = crowd(&office).await;
    let mut lane = office.lane_that_waits(Channel::Citizen, 200, Some(crowd));
    office.stop.cancel();
    assert_eq!(lane.step().await, Step::Stopped);
    lane.close().await;
}
