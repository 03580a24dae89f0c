//! A broker of three nodes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sportello_domain::Channel;
use sportello_queue::topology::{LEDGER, queue_name};
use sportello_queue::{PublishError, PublisherConfig, StatementInbox, declare_topology};
use sportello_testkit::{broker_cluster, eventually};

use crate::support::{consumer, drain_until, ids_with, publish_while, publisher, uri};

const SOON: Duration = Duration::from_secs(60);

/// Longer than an election on a busy machine: a publish fails where it is given up, not where it is
/// late.
const PATIENT: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_goes_to_another_node_and_fails_no_publish() {
    let mut cluster = broker_cluster().await;
    let url = cluster.url();
    eventually(SOON, async || declare_topology(&uri(&url)).await.is_ok()).await;
    cluster.wait_whole(SOON).await.unwrap();
    let publisher = publisher(PublisherConfig {
        deadline: PATIENT,
        ..PublisherConfig::new(uri(&url), "test")
    })
    .await;
    let going = Arc::new(AtomicBool::new(true));
    let load = {
        let (publisher, going) = (publisher.clone(), Arc::clone(&going));
        tokio::spawn(
            async move { publish_while(&publisher, 2, move |_| going.load(Ordering::Relaxed)).await },
        )
    };

    // each once: the publisher is at one of them
    for node in 0..cluster.all().len() {
        cluster.nodes()[node].kill().await.unwrap();
        cluster.nodes()[node].start().await.unwrap();
        cluster.wait_whole(SOON).await.unwrap();
    }
    going.store(false, Ordering::Relaxed);
    let ended = load.await.unwrap();

    for error in [
        PublishError::Unavailable,
        PublishError::Refused,
        PublishError::Timeout,
    ] {
        assert_eq!(ids_with(&ended, Err(error)).len(), 0, "{error}");
    }
    let confirmed = ids_with(&ended, Ok(()));
    assert!(confirmed.len() > 200, "{} confirmed", confirmed.len());
    let mut consumer = consumer(&url, Channel::Citizen);
    drain_until(&mut consumer, &confirmed).await;
    consumer.close().await;
    publisher.drain(Duration::from_secs(10)).await.unwrap();
}

/// A new AMQP channel of `RabbitMQ` 3.10 asks the queue's leader of before, and refuses for as long
/// as that node is away.
#[tokio::test(flavor = "multi_thread")]
async fn a_queue_whose_leader_stays_away_takes_applications_and_statements() {
    for queue in [queue_name(Channel::Citizen), LEDGER] {
        let mut cluster = broker_cluster().await;
        // its clones begin at different nodes, so one publisher is at the leader
        let all_nodes = uri(&cluster.url());
        eventually(SOON, async || declare_topology(&all_nodes).await.is_ok()).await;
        cluster.wait_whole(SOON).await.unwrap();
        let mut publishers = Vec::new();
        for _ in cluster.all() {
            let config = PublisherConfig {
                deadline: PATIENT,
                ..PublisherConfig::new(all_nodes.clone(), "test")
            };
            publishers.push(publisher(config).await);
        }

        let leader = cluster.leader(queue).await.unwrap();
        cluster.nodes()[leader].kill().await.unwrap();

        for publisher in &publishers {
            let published = publish_while(publisher, 2, |number| number < 10).await;
            assert_eq!(ids_with(&published, Ok(())).len(), 20, "{queue}: {published:?}");
        }
        let mut inbox = StatementInbox::new(all_nodes.clone(), "test");
        let mut stated = BTreeSet::new();
        eventually(SOON, async || {
            let statements = inbox.take(100).await.unwrap_or_default();
            let all = statements.iter().filter(|one| one.confirmed_applications == 20);
            stated.extend(all.map(|one| one.process));
            let settled = inbox.settle().await.is_ok();
            settled && stated.len() == publishers.len()
        })
        .await;
    }
}
