//! A broker of three nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sportello_domain::Channel;
use sportello_queue::{PublishError, PublisherConfig, declare_topology};
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
