//! Only a holder withdraws an application, whatever the order in which the queues deliver.

use sportello_domain::{Channel, Outcome, Reason, Submitter};
use worker::Done;

use crate::support::{Office, Sent, citizen, open, person, settle};

/// Steps a channel until `wanted` items are settled.
async fn settled(office: &Office, channel: Channel, wanted: usize) -> Done {
    let mut lane = office.lane(channel);
    let done = settle(&mut lane, wanted).await;
    lane.close().await;
    assert_eq!(done.dead_lettered, 0);
    done
}

async fn decision(office: &Office, sent: &Sent) -> (Outcome, Reason) {
    let found = office.registered(sent).await.unwrap();
    (found.outcome, found.reason)
}

const WITHDRAWN: (Outcome, Reason) = (Outcome::Withdrawn, Reason::WithdrawnByApplicant);
const STANDS: (Outcome, Reason) = (Outcome::Registered, Reason::Regular);

fn by_intermediary(number: u32) -> Sent {
    Sent {
        channel: Channel::Intermediary,
        ..citizen(number)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_withdrawn_the_next_application_stands() {
    let office = open().await;
    let first = citizen(1);
    let second = citizen(2).of(1).at("2020-04-01T07:00:00Z");
    office.publish([first, second]).await;
    office.withdraw(&first, first.submitter()).await;
    office.withdraw(&first, first.submitter()).await;
    let done = settled(&office, Channel::Citizen, 4).await;
    assert_eq!((done.registered, done.withdrawals), (2, 2));
    assert_eq!(decision(&office, &first).await, WITHDRAWN);
    assert_eq!(decision(&office, &second).await, STANDS);

    // and they may apply again, with the mistake corrected
    office.withdraw(&second, second.submitter()).await;
    let again = citizen(3).of(1).at("2020-04-03T07:00:00Z");
    office.publish([again]).await;
    settled(&office, Channel::Citizen, 2).await;
    assert_eq!(decision(&office, &second).await, WITHDRAWN);
    assert_eq!(decision(&office, &again).await, STANDS);
    office.assert_drained(Channel::Citizen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_withdraws_what_an_intermediary_sent() {
    let office = open().await;
    let (withdrawn, kept) = (by_intermediary(1), by_intermediary(2));
    office.publish([withdrawn, kept]).await;
    // the citizens' queue is drained first: the withdrawal comes before its application
    office.withdraw(&withdrawn, Submitter::Citizen(person(1))).await;
    settled(&office, Channel::Citizen, 1).await;
    settled(&office, Channel::Intermediary, 2).await;
    assert_eq!(decision(&office, &withdrawn).await, WITHDRAWN);
    assert_eq!(decision(&office, &kept).await, STANDS);

    office.withdraw(&kept, kept.submitter()).await;
    settled(&office, Channel::Intermediary, 1).await;
    let by_submitter = (Outcome::Withdrawn, Reason::WithdrawnBySubmitter);
    assert_eq!(decision(&office, &kept).await, by_submitter);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_withdraws_nothing() {
    let office = open().await;
    let (sent, late) = (citizen(1), citizen(2));
    office.publish([sent]).await;
    settled(&office, Channel::Citizen, 1).await;
    let before = office.registered(&sent).await.unwrap();
    for sent in [&sent, &late] {
        office.withdraw(sent, Submitter::Citizen(person(9))).await;
    }
    settled(&office, Channel::Citizen, 2).await;
    office.publish([late]).await;
    settled(&office, Channel::Citizen, 1).await;
    let after = office.registered(&sent).await.unwrap();
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    assert_eq!(decision(&office, &late).await, STANDS);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_worker_leaves_a_withdrawal_to_a_newer_one() {
    let office = open().await;
    let sent = citizen(1);
    office.publish([sent]).await;
    office.withdraw(&sent, sent.submitter()).await;
    let mut older = office.lane_of_version(Channel::Citizen, 1);
    let kept = older.kept();
    assert_eq!(settle(&mut older, 1).await.registered, 1);
    while kept.count() == 0 {
        older.step().await;
    }
    older.close().await;
    assert_eq!(settled(&office, Channel::Citizen, 1).await.withdrawals, 1);
    assert_eq!(decision(&office, &sent).await, WITHDRAWN);
    assert_eq!(office.dead_letters().await, []);
}
