//! Decisions follow the catalogue, also when its files come late.

use jiff::Timestamp;
use sportello_domain::{Channel, Outcome, Reason};
use sportello_queue::decode;
use sportello_stack::catalogue::shipped;
use sportello_testkit::eventually;
use worker::Allotter;

use crate::support::{
    BABY_SITTING, BICYCLE, INDEMNITY, LEAVE, Office, SOON, Sent, bicycle, citizen, open, settle,
    with_three_bicycles,
};

async fn register(office: &Office, sent: &[Sent]) {
    let mut lane = office.lane(Channel::Citizen);
    office.publish(sent.iter().copied()).await;
    assert_eq!(settle(&mut lane, sent.len()).await.registered, sent.len());
    lane.close().await;
}

async fn decision(office: &Office, sent: &Sent) -> (Outcome, Reason) {
    let found = office.registered(sent).await.unwrap();
    (found.outcome, found.reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_received_while_its_benefit_was_closed_is_refused() {
    let office = open().await;
    // the shipped file, with the opening of 2020
    let file = shipped().join(INDEMNITY).with_added_extension("toml");
    office.write_benefit(&file, |text| text);
    office.catalogue.refresh().await;
    let early = citizen(1).at("2020-03-01T08:00:00Z");
    let late = citizen(2).at("2020-12-01T08:00:00Z");
    let in_time = citizen(3);
    register(&office, &[early, late, in_time]).await;
    for (sent, decided) in [
        (early, (Outcome::Refused, Reason::BeforeOpening)),
        (late, (Outcome::Refused, Reason::AfterClosing)),
        (in_time, (Outcome::Registered, Reason::Regular)),
    ] {
        assert_eq!(decision(&office, &sent).await, decided);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_door_let_in_is_never_refused_for_hours() {
    let office = open().await;
    let file = shipped().join(INDEMNITY).with_added_extension("toml");
    let let_in = |number, received_at| Sent {
        hours_judged: true,
        ..citizen(number).at(received_at)
    };
    let sent = [
        let_in(1, "2020-04-01T10:00:00+02:00"),
        let_in(2, "2020-05-20T10:00:00+02:00"),
    ];
    let unjudged = citizen(3).at("2020-04-01T10:00:00+02:00");
    office.publish(sent).await;
    office.publish([unjudged]).await;
    // while they are in the queue the hours change, and the benefit closes earlier
    office.write_benefit(&file, |text| {
        let closed = text.replace("closes = 2020-06-04", "closes = 2020-05-01");
        assert_ne!(closed, text);
        format!("{closed}\n[windows]\ncitizen = [\"16:00-08:00\"]\n")
    });
    office.catalogue.refresh().await;
    let mut lane = office.lane(Channel::Citizen);
    assert_eq!(settle(&mut lane, 3).await.registered, 3);
    lane.close().await;
    for sent in sent {
        assert_eq!(
            decision(&office, &sent).await,
            (Outcome::Registered, Reason::Regular)
        );
    }
    // another producer's word is not the door's
    assert_eq!(
        decision(&office, &unjudged).await,
        (Outcome::Refused, Reason::OutsideWindow)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_benefits_that_exclude_each_other_the_one_asked_for_first_stands_though_it_comes_last() {
    let office = open().await;
    let bonus = citizen(1).asking_for(BABY_SITTING).at("2020-04-02T09:00:00Z");
    let leave = citizen(2).of(1).asking_for(LEAVE).at("2020-04-02T08:59:59Z");
    register(&office, &[bonus]).await;
    assert_eq!(
        decision(&office, &bonus).await,
        (Outcome::Registered, Reason::Regular)
    );
    register(&office, &[leave]).await;
    assert_eq!(
        decision(&office, &leave).await,
        (Outcome::Registered, Reason::Regular)
    );
    let bonus = office.registered(&bonus).await.unwrap();
    assert_eq!(
        (bonus.outcome, bonus.reason, bonus.stands.unwrap()),
        (Outcome::Incompatible, Reason::IncompatibleBenefit, leave.id())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn past_a_budgets_cap_the_later_applications_are_received_with_reservation() {
    let office = open().await;
    office.write_benefit(&bicycle(), with_three_bicycles);
    office.catalogue.refresh().await;
    let sent: Vec<_> = (1..=5)
        .map(|number| citizen(number).asking_for(BICYCLE))
        .collect();
    register(&office, &sent).await;
    let allotter = Allotter::new(office.worker_store.clone(), office.catalogue.clone());
    while allotter.step().await.unwrap().more {}
    let mut decided = Vec::new();
    for sent in &sent {
        decided.push(decision(&office, sent).await);
    }
    let within = decided
        .iter()
        .filter(|decision| **decision == (Outcome::Registered, Reason::Regular));
    let past = decided
        .iter()
        .filter(|decision| **decision == (Outcome::Reserve, Reason::PastCap));
    assert_eq!((within.count(), past.count()), (3, 2), "{decided:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_waits_for_its_benefits_file_and_its_neighbours_do_not() {
    let office = open().await;
    let now = Timestamp::now().to_string();
    let waiting = citizen(1).asking_for(BICYCLE).at(&now);
    let neighbour = citizen(2);
    office.publish_together(&[waiting, neighbour]).await;
    let mut lane = office.lane(Channel::Citizen);
    let (done, ()) = tokio::join!(settle(&mut lane, 2), async {
        eventually(SOON, async || office.registered(&neighbour).await.is_some()).await;
        assert!(office.registered(&waiting).await.is_none());
        office.write_benefit(&bicycle(), with_three_bicycles);
    });
    assert_eq!((done.registered, done.dead_lettered), (2, 0));
    assert_eq!(
        decision(&office, &waiting).await,
        (Outcome::Registered, Reason::Regular)
    );
    lane.close().await;
    office.assert_drained(Channel::Citizen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_whose_benefits_file_does_not_come_is_kept_whole_and_can_be_sent_again() {
    let office = open().await;
    let unknown = citizen(1).asking_for(BICYCLE);
    office.publish([unknown, citizen(2)]).await;
    let mut lane = office.lane(Channel::Citizen);
    let done = settle(&mut lane, 2).await;
    assert_eq!((done.registered, done.dead_lettered), (1, 1));
    let letters = office.dead_letters().await;
    let [(envelope, reason)] = letters.as_slice() else {
        panic!("{} letters", letters.len())
    };
    assert_eq!(reason, "benefit bicycle-bonus-2026 is not in the catalogue");
    let decoded = decode(&envelope.clone().into()).unwrap();
    assert_eq!(decoded.received[0].application.id, unknown.id());

    office.write_benefit(&bicycle(), with_three_bicycles);
    office.publish_bytes(Channel::Citizen, envelope).await;
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    lane.close().await;
    assert_eq!(
        decision(&office, &unknown).await,
        (Outcome::Registered, Reason::Regular)
    );
}
