//! Applications past their retention are erased, and do not come back.

use jiff::{SignedDuration, Timestamp};
use sportello_domain::{Channel, Disposal};
use sportello_stack::catalogue::shipped;
use sportello_store::Purged;
use worker::Retention;

use crate::support::{BABY_SITTING, INDEMNITY, Office, citizen, open, settle};

/// The shipped indemnity, closed since 2020, with another retention.
pub(crate) async fn with_retention(office: &Office, days: u32, then: Disposal) {
    let file = shipped().join(INDEMNITY).with_added_extension("toml");
    office.write_benefit(&file, |text| {
        let then = format!("then = \"{}\"", then.as_str());
        let changed = text
            .replace("days = 3653", &format!("days = {days}"))
            .replace("then = \"pseudonymise\"", &then);
        assert!(changed.contains(&format!("days = {days}")) && changed.contains(&then));
        changed
    });
    office.catalogue.refresh().await;
}

/// Announces the due purges, and lets a day pass.
pub(crate) async fn announced(office: &Office, retention: &Retention) {
    let announced = retention.step(Timestamp::now()).await.unwrap();
    assert_eq!(announced.benefits, []);
    office.let_a_day_pass().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_goes_when_its_term_has_ended() {
    for then in [Disposal::Pseudonymise, Disposal::Purge] {
        let office = open().await;
        with_retention(&office, 30_000, then).await;
        let (old, other) = (citizen(1), citizen(2).asking_for(BABY_SITTING));
        let mut lane = office.lane(Channel::Citizen);
        office.publish([old, other]).await;
        assert_eq!(settle(&mut lane, 2).await.registered, 2);
        lane.close().await;

        let retention = Retention::new(office.worker_store.clone(), office.catalogue.clone());
        announced(&office, &retention).await;
        assert_eq!(retention.step(Timestamp::now()).await.unwrap(), Purged::default());
        with_retention(&office, 1, then).await;
        announced(&office, &retention).await;
        let purged = retention.step(Timestamp::now()).await.unwrap();
        let purged: Vec<_> = purged
            .benefits
            .iter()
            .map(|one| (one.benefit.as_str(), one.then, one.applications))
            .collect();
        assert_eq!(purged, [(INDEMNITY, then, 1)]);
        assert!(office.registered(&old).await.is_none());
        assert!(office.registered(&other).await.is_some());
        assert_eq!(office.count().await, 2);
        assert_eq!(retention.step(Timestamp::now()).await.unwrap().benefits, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_clock_jumped_erases_nothing() {
    let office = open().await;
    let mut lane = office.lane(Channel::Citizen);
    office.publish([citizen(1)]).await;
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    lane.close().await;
    let retention = Retention::new(office.worker_store.clone(), office.catalogue.clone());
    let in_twenty_years = Timestamp::now() + SignedDuration::from_hours(24 * 365 * 20);
    for _ in 0..2 {
        let purged = retention.step(in_twenty_years).await.unwrap();
        assert!(
            purged.clocks_apart.is_some() && purged.benefits.is_empty(),
            "{purged:?}"
        );
        office.let_a_day_pass().await;
    }
    assert!(office.registered(&citizen(1)).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_after_the_term_is_recognised_or_dead_lettered_and_never_registered() {
    for then in [Disposal::Pseudonymise, Disposal::Purge] {
        let office = open().await;
        let mut lane = office.lane(Channel::Citizen);
        office.publish([citizen(1)]).await;
        assert_eq!(settle(&mut lane, 1).await.registered, 1);
        with_retention(&office, 1, then).await;
        let late = [citizen(1), citizen(2), citizen(3).asking_for(BABY_SITTING)];
        // before and after the purge
        for _ in 0..2 {
            office.publish_together(&late).await;
            let done = settle(&mut lane, 3).await;
            assert_eq!((done.existing + done.registered, done.dead_lettered), (2, 1));
            let letters = office.dead_letters().await;
            let reasons: Vec<&str> = letters.iter().map(|(_, reason)| reason.as_str()).collect();
            let reason = "the retention of benefit indemnity-march-2020 has ended, so it is not registered";
            assert_eq!(reasons, [reason]);
            let retention = Retention::new(office.worker_store.clone(), office.catalogue.clone());
            announced(&office, &retention).await;
            retention.step(Timestamp::now()).await.unwrap();
            assert!(office.registered(&citizen(1)).await.is_none());
            assert_eq!(office.count().await, 2);
        }
        lane.close().await;
    }
}
