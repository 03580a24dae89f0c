//! A broker that is killed, frozen or out of memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sportello_domain::Channel;
use sportello_queue::{PublishError, PublisherConfig, Status};
use sportello_testkit::{broker, eventually};

use crate::support::{
    citizen, consumer, drain_until, ids_with, patient, publish_at_once, publish_while, publisher, reaches,
    uri,
};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_confirmed_survives_the_kill_of_the_broker() {
    let mut broker = broker().await;
    let publisher = publisher(patient(&broker.url())).await;
    let going = Arc::new(AtomicBool::new(true));
    let load = {
        let (publisher, going) = (publisher.clone(), Arc::clone(&going));
        tokio::spawn(
            async move { publish_while(&publisher, 64, move |_| going.load(Ordering::Relaxed)).await },
        )
    };
    let full_load = async || {
        sportello_queue::depths(&uri(&broker.url()))
            .await
            .unwrap()
            .of(Channel::Citizen)
            > 200
    };
    eventually(Duration::from_secs(30), full_load).await;
    broker.kill().await.unwrap();
    reaches(&publisher, Status::Disconnected).await;
    assert_eq!(publish_at_once(&publisher).await, Err(PublishError::Unavailable));
    going.store(false, Ordering::Relaxed);
    let ended = load.await.unwrap();

    broker.start().await.unwrap();
    reaches(&publisher, Status::Connected).await;
    publisher.publish(citizen(0)).await.unwrap();
    let confirmed = ids_with(&ended, Ok(()));
    assert!(confirmed.len() > 200, "{} confirmed", confirmed.len());
    let mut consumer = consumer(&broker.url(), Channel::Citizen);
    drain_until(&mut consumer, &confirmed).await;
    consumer.close().await;
    publisher.drain(Duration::from_secs(10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_says_nothing_is_given_up_and_found_again() {
    let broker = broker().await;
    let config = PublisherConfig {
        capacity_applications: 10,
        ..PublisherConfig::new(uri(&broker.url()), "test")
    };
    let publisher = publisher(config).await;
    broker.process().freeze();

    let started = Instant::now();
    let ended = publish_while(&publisher, 10, |number| number == 0).await;
    let took = started.elapsed();
    assert_eq!(
        ids_with(&ended, Err(PublishError::Timeout)).len(),
        10,
        "{ended:?}"
    );
    assert!(
        (Duration::from_millis(700)..Duration::from_secs(1)).contains(&took),
        "{took:?}"
    );
    // their senders have left, but their outcome is not known yet
    assert_eq!(publish_at_once(&publisher).await, Err(PublishError::NoCapacity));
    reaches(&publisher, Status::Disconnected).await;

    broker.process().thaw();
    reaches(&publisher, Status::Connected).await;
    publisher.publish(citizen(0)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_without_memory_is_reported_and_recovers() {
    let broker = broker().await;
    let publisher = publisher(PublisherConfig::new(uri(&broker.url()), "test")).await;
    broker
        .control(&["set_vm_memory_high_watermark", "0.00001"])
        .unwrap();

    let blocked = async || {
        let started = Instant::now();
        // the first may still get through, the one that meets the alarm is left without an answer
        let result = publisher.publish(citizen(0)).await;
        assert!(started.elapsed() < Duration::from_secs(1));
        assert!(
            !matches!(result, Err(PublishError::Refused | PublishError::NoCapacity)),
            "{result:?}"
        );
        publisher.status() == Status::Blocked
    };
    eventually(Duration::from_secs(30), blocked).await;
    assert_eq!(publish_at_once(&publisher).await, Err(PublishError::Blocked));

    broker.control(&["set_vm_memory_high_watermark", "0.4"]).unwrap();
    reaches(&publisher, Status::Connected).await;
    publisher.publish(citizen(1)).await.unwrap();
    publisher.drain(Duration::from_secs(10)).await.unwrap();
}
