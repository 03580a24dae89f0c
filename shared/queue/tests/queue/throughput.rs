//! A measurement, to be read and not to pass or fail: `cargo test -p sportello-queue throughput --
//! --ignored --nocapture`.

use std::time::{Duration, Instant};

use sportello_queue::PublisherConfig;
use sportello_testkit::Sandbox;

use crate::support::{ids_with, publish_while, publisher, uri};

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
