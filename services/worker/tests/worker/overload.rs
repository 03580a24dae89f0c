//! Registering pauses while intake is overloaded.

use std::sync::Arc;
use std::time::Duration;

use sportello_domain::Channel;
use sportello_signals::{Overload, OverloadReporter};
use sportello_testkit::eventually;
use tokio::sync::Notify;
use worker::{Done, Step};

use crate::support::{Office, SOON, citizen, open};

/// Follows an overload that was just reported.
async fn overload(office: &Office) -> Overload {
    let overload = Overload::start(office.uri.clone(), "test", Duration::from_secs(3_600));
    let seen = Arc::new(Notify::new());
    let _teller = OverloadReporter::start(office.uri.clone(), "test", Arc::clone(&seen));
    eventually(SOON, async || {
        seen.notify_one();
        overload.is_there()
    })
    .await;
    overload
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_queue_is_registered_once_the_overload_is_over() {
    let office = open().await;
    office.publish([citizen(1), citizen(2)]).await;
    let overload = overload(&office).await;
    let mut lane = office.lane_that_waits(Channel::Citizen, 200, Some(overload.clone()));
    let mut registered = 0;
    while registered < 2 {
        let Step::Done(Done { registered: more, .. }) = lane.step().await else {
            panic!("nobody told it to stop");
        };
        assert!(!overload.is_there(), "it did not wait");
        registered += more;
    }
    lane.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_waits_for_the_end_of_an_overload_can_be_stopped() {
    let office = open().await;
    office.publish([citizen(1)]).await;
    let overload = overload(&office).await;
    let mut lane = office.lane_that_waits(Channel::Citizen, 200, Some(overload));
    office.stop.cancel();
    assert_eq!(lane.step().await, Step::Stopped);
    lane.close().await;
}
