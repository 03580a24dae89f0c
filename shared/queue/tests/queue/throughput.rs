//! A measurement, to be read and not to pass or fail: `cargo test -p sportello-queue throughput --
//! --ignored --nocapture`.

use std::time::{Duration, Instant};

use sportello_domain::Channel;
use sportello_queue::{Publisher, PublisherConfig};
use sportello_testkit::Sandbox;
use tokio::task::JoinSet;

use crate::support::{citizen, ids_with, publish_while, publisher, uri};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn throughput_of_many_senders() {
    let sandbox = Sandbox::queue().await;
    for senders in [1, 64, 256, 1_024] {
        let publisher = publisher(PublisherConfig::new(uri(sandbox.amqp_url()), "test")).await;
        let started = Instant::now();
        let ended = publish_while(&publisher, senders, move |_| {
            started.elapsed() < Duration::from_secs(5)
        })
        .await;
        let rate = ended.len() as f64 / started.elapsed().as_secs_f64();
        let confirmed = ids_with(&ended, Ok(())).len();
        println!(
            "{senders} senders: {rate:.0} applications a second, {confirmed} of {} confirmed",
            ended.len()
        );
        publisher.drain(Duration::from_secs(5)).await.unwrap();
    }
}

/// Applications a second of all publishers together.
const RATE: u32 = 2_000;
const LASTS: Duration = Duration::from_secs(8);

/// As many intakes would, each with a publisher of its own: the more there are, the fewer
/// applications share a message.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn messages_of_many_publishers() {
    for publishers in [1, 4, 8, 16] {
        let sandbox = Sandbox::queue().await;
        let mut all = Vec::new();
        for _ in 0..publishers {
            all.push(publisher(PublisherConfig::new(uri(sandbox.amqp_url()), "test")).await);
        }
        let mut latencies = open_loop(&all).await;
        for publisher in all {
            publisher.drain(Duration::from_secs(5)).await.unwrap();
        }
        latencies.sort_unstable();
        let percentile = |percent| latencies[latencies.len() * percent / 100];
        let messages = sportello_queue::depths(&uri(sandbox.amqp_url())).await.unwrap();
        let messages = f64::from(messages.of(Channel::Citizen)) / LASTS.as_secs_f64();
        println!(
            "{publishers} publishers: {messages:.0} messages a second, median {:?}, 99 % {:?}",
            percentile(50),
            percentile(99)
        );
    }
}

/// Publishes at [`RATE`], in turn over these publishers. Returns how long each took.
async fn open_loop(publishers: &[Publisher]) -> Vec<Duration> {
    let begun = Instant::now();
    let mut publishing = JoinSet::new();
    for number in 0..RATE * u32::try_from(LASTS.as_secs()).unwrap() {
        let due = begun + Duration::from_secs(1) / RATE * number;
        tokio::time::sleep_until(due.into()).await;
        let publisher = publishers[number as usize % publishers.len()].clone();
        publishing.spawn(async move {
            publisher.publish(citizen(number)).await.unwrap();
            due.elapsed()
        });
    }
    publishing.join_all().await
}
