//! The queue of each person, where a channel has several.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use sportello_people::Person;
use sportello_queue::{BrokerUri, declare_topology, depths};
use sportello_testkit::Sandbox;

use crate::common::{Intake, person, with_header};

/// The messages in each of the citizens' queues.
async fn by_queue(broker: &BrokerUri) -> BTreeMap<&'static str, u32> {
    let depths = depths(broker).await.unwrap();
    assert_eq!((depths.unrouted, depths.dead_letter), (0, 0));
    let queues = depths.by_queue().into_iter();
    queues
        .filter(|(name, _)| name.starts_with("applications.citizen"))
        .collect()
}

async fn apply(intake: &Intake, person: &Person, key: &str) -> String {
    let request = with_header(intake.post(person), "idempotency-key", Some(key));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let accepted: serde_json::Value = answer.json().await.unwrap();
    accepted["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_person_goes_to_one_queue_and_persons_spread() {
    const PERSONS: u64 = 40;
    let sandbox = Sandbox::queue().await;
    let broker: BrokerUri = sandbox.amqp_url().parse().unwrap();
    let broker = broker.with_shards("4".parse().unwrap());
    declare_topology(&broker).await.unwrap();
    let intake = Intake::start_with(sandbox.amqp_url(), &[("SHARDS", "4")]).await;

    let one = person(0);
    let id = apply(&intake, &one, "a").await;
    apply(&intake, &one, "b").await;
    let url = format!("{}/v1/applications/{id}/withdrawal", intake.url());
    let withdrawal = intake.client().post(url).bearer_auth(intake.issuer.token(&one));
    assert_eq!(withdrawal.send().await.unwrap().status(), StatusCode::ACCEPTED);
    let queues = by_queue(&broker).await;
    assert_eq!(queues.len(), 4);
    assert!(queues.values().any(|messages| *messages == 3), "{queues:?}");

    for index in 1..PERSONS {
        apply(&intake, &person(index), "a").await;
    }
    let queues = by_queue(&broker).await;
    assert_eq!(u64::from(queues.values().sum::<u32>()), PERSONS + 2);
    assert!(queues.values().all(|messages| *messages >= 4), "{queues:?}");
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_queue_the_names_are_those_of_before() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    for index in 0..5 {
        apply(&intake, &person(index), "a").await;
    }
    // also where further queues are there
    let broker: BrokerUri = sandbox.amqp_url().parse().unwrap();
    let broker = broker.with_shards("4".parse().unwrap());
    declare_topology(&broker).await.unwrap();
    apply(&intake, &person(5), "a").await;
    let queues = by_queue(&broker).await;
    assert_eq!(queues["applications.citizen"], 6);
    assert_eq!(queues.values().sum::<u32>(), 6);
    intake.stop().await;
}
