//! A channel's applications in several queues: one of them stops no other.

use std::collections::BTreeSet;

use lapin::options::QueueDeleteOptions;
use sportello_domain::{ApplicationId, Channel, Shard};
use sportello_queue::topology::Topology;
use sportello_queue::{
    BrokerUri, Consumer, ConsumerConfig, PublishError, Publisher, PublisherConfig, Status, Submission,
    declare_topology, depths,
};
use sportello_testkit::{Sandbox, broker, eventually};

use crate::support::{SOON, citizen, drain_until, operator, patient, publisher, reaches, uri};

fn four(amqp_url: &str) -> BrokerUri {
    uri(amqp_url).with_shards("4".parse().unwrap())
}

fn config(uri: BrokerUri) -> PublisherConfig {
    PublisherConfig {
        uri,
        ..patient("amqp://127.0.0.1")
    }
}

fn consumer(uri: BrokerUri) -> Consumer {
    Consumer::start(ConsumerConfig {
        uri,
        channel: Channel::Citizen,
        prefetch: 200,
        name: "test".into(),
    })
}

/// An application of a person of this shard.
fn of_shard(number: u8) -> Submission {
    citizen(number.into()).in_shard(Shard::of_number(number))
}

/// Publishes an application of each of these shards, one after the other.
async fn publish(publisher: &Publisher, shards: impl IntoIterator<Item = u8>) -> BTreeSet<ApplicationId> {
    let mut ids = BTreeSet::new();
    for submission in shards.into_iter().map(of_shard) {
        ids.insert(submission.id());
        publisher.publish(submission).await.unwrap();
    }
    ids
}

/// All shards but those of this queue.
fn others(queue: u8) -> impl Iterator<Item = u8> {
    (0..Shard::COUNT).filter(move |number| number % 4 != queue)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_queue_gets_its_shards_and_a_consumer_takes_all() {
    let sandbox = Sandbox::queue().await;
    let broker = four(sandbox.amqp_url());
    let publisher = publisher(config(broker.clone())).await;
    let ids = publish(&publisher, 0..Shard::COUNT).await;

    let waiting = depths(&broker).await.unwrap();
    assert_eq!(waiting.of(Channel::Citizen), 64);
    let queues = waiting.by_queue().into_iter();
    let citizens: Vec<_> = queues
        .filter(|(name, _)| name.starts_with("applications.citizen"))
        .collect();
    assert_eq!(citizens.len(), 4);
    assert!(
        citizens.iter().all(|(_, messages)| *messages == 16),
        "{citizens:?}"
    );

    let mut consumer = consumer(broker.clone());
    assert_eq!(drain_until(&mut consumer, &ids).await, ids);
    assert!(consumer.attachment().is_whole());
    consumer.close().await;
    publisher.drain(SOON).await.unwrap();
    eventually(SOON, async || {
        depths(&broker).await.unwrap().of(Channel::Citizen) == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_the_applications_of_its_shards_alone() {
    let broker = broker().await;
    let publisher = publisher(config(four(&broker.url()))).await;
    let full = [
        "set_policy",
        "full",
        r"^applications\.citizen\.2$",
        r#"{"max-length": 1}"#,
        "--apply-to",
        "queues",
    ];
    broker.control(&full).unwrap();
    let refused = async || publisher.publish(of_shard(2)).await == Err(PublishError::Refused);
    eventually(SOON, refused).await;

    publish(&publisher, others(2)).await;
    assert_eq!(publisher.publish(of_shard(6)).await, Err(PublishError::Refused));
    assert_eq!(publisher.status(), Status::Connected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_queue_stops_no_other_and_works_once_it_is_back() {
    lose("applications.citizen.2", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_several_queues_may_be_lost_as_any_other() {
    lose("applications.citizen", 0).await;
}

async fn lose(name: &str, lost: u8) {
    let sandbox = Sandbox::queue().await;
    let declaring = four(sandbox.amqp_url());
    let broker = declaring.clone().with_topology(Topology::Expect);
    declare_topology(&declaring).await.unwrap();
    let publisher = publisher(config(broker.clone())).await;
    let mut consumer = consumer(broker.clone());
    let attachment = consumer.attachment();
    eventually(SOON, async || attachment.is_whole()).await;

    let (connection, operator) = operator(sandbox.amqp_url()).await;
    let options = QueueDeleteOptions::default();
    operator.queue_delete(name.into(), options).await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
    eventually(SOON, async || !attachment.is_whole()).await;
    // confirmed: it waits as unrouted, as without shards
    publisher.publish(of_shard(lost)).await.unwrap();
    let ids = publish(&publisher, others(lost)).await;
    assert_eq!(drain_until(&mut consumer, &ids).await, ids);
    let waiting = depths(&broker).await.unwrap();
    assert_eq!((waiting.unrouted, waiting.of(Channel::Citizen)), (1, 0));

    // also for new connections
    sandbox.close_connections().await;
    let is_away = async || publisher.publish(of_shard(lost)).await == Err(PublishError::Unavailable);
    eventually(SOON, is_away).await;
    let all_others = async || {
        let mut published = Vec::new();
        for number in others(lost).take(3) {
            published.push(publisher.publish(of_shard(number)).await);
        }
        published.iter().all(Result::is_ok)
    };
    eventually(SOON, all_others).await;
    assert!(publisher.status() == Status::Connected && !publisher.reaches_all());
    let ids = publish(&publisher, others(lost)).await;
    assert!(drain_until(&mut consumer, &ids).await.is_superset(&ids));
    assert!(attachment.is_attached() && !attachment.is_whole());

    declare_topology(&declaring).await.unwrap();
    eventually(SOON, async || publisher.reaches_all() && attachment.is_whole()).await;
    let ids = publish(&publisher, [lost, lost + 4]).await;
    assert!(drain_until(&mut consumer, &ids).await.is_superset(&ids));
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_is_ready_once_it_has_reached_all_its_queues() {
    let sandbox = Sandbox::queue().await;
    declare_topology(&uri(sandbox.amqp_url())).await.unwrap();
    let broker = four(sandbox.amqp_url()).with_topology(Topology::Expect);
    let publisher = Publisher::start(config(broker.clone()));
    // the first queue is there
    let first = async || publisher.publish(of_shard(0)).await.is_ok();
    eventually(SOON, first).await;
    assert_eq!(publisher.status(), Status::Disconnected);
    let missing = publisher.publish(of_shard(1)).await;
    assert_eq!(missing, Err(PublishError::Unavailable));
    assert_eq!(
        depths(&broker).await.unwrap().of(Channel::Citizen),
        1,
        "counts what is there"
    );

    declare_topology(&four(sandbox.amqp_url())).await.unwrap();
    reaches(&publisher, Status::Connected).await;
    publisher.publish(of_shard(1)).await.unwrap();
    publisher.drain(SOON).await.unwrap();
}
