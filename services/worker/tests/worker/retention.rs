//! What was kept long enough is not kept any more, and does not come back.

use jiff::SignedDuration;
use sportello_domain::{Channel, Disposal};
use sportello_local::catalogue::shipped;
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

#[tokio::test(flavor = "multi_thread")]
async fn an_application_goes_when_the_clock_has_reached_the_end_of_its_term() {
    for then in [Disposal::Pseudonymise, Disposal::Purge] {
        let office = open().await;
        with_retention(&office, 3_650, then).await;
        let (old, other) = (citizen(1), citizen(2).asking_for(BABY_SITTING));
        let mut lane = office.lane(Channel::Citizen);
        office.publish([old, other]).await;
        assert_eq!(settle(&mut lane, 2).await.registered, 2);
        lane.close().await;

        let benefit = INDEMNITY.parse().unwrap();
        let ends = office.catalogue.current().get(&benefit).unwrap().retention().ends;
        let retention = Retention::new(office.store.clone(), office.catalogue.clone());
        let early = retention
            .step(ends - SignedDuration::from_millis(1))
            .await
            .unwrap();
        assert_eq!(early.benefits, []);
        assert!(office.registered(&old).await.is_some());
        let purged = retention.step(ends).await.unwrap();
        let purged: Vec<_> = purged
            .benefits
            .iter()
            .map(|one| (&one.benefit, one.then, one.applications))
            .collect();
        assert_eq!(purged, [(&benefit, then, 1)]);
        assert!(office.registered(&old).await.is_none());
        assert!(office.registered(&other).await.is_some());
        assert_eq!(office.count().await, 2);
        assert_eq!(retention.step(ends).await.unwrap().benefits, []);
    }
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
            assert_eq!((done.known + done.registered, done.dead_lettered), (2, 1));
            let letters = office.dead_letters().await;
            let reasons: Vec<&str> = letters.iter().map(|(_, reason)| reason.as_str()).collect();
            let reason = "the retention of benefit indemnity-march-2020 has ended, so it is not registered";
            assert_eq!(reasons, [reason]);
            let retention = Retention::new(office.store.clone(), office.catalogue.clone());
            retention.step(jiff::Timestamp::now()).await.unwrap();
            assert!(office.registered(&citizen(1)).await.is_none());
            assert_eq!(office.count().await, 2);
        }
        lane.close().await;
    }
}
