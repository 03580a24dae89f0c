//! A full queue refuses, and no answer is mistaken for another's.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use sportello_domain::{ApplicationId, Channel};
use sportello_queue::{Consumer, ConsumerConfig, PublishError, PublisherConfig, ack_all, decode};
use sportello_testkit::{broker, eventually};

use crate::support::{SOON, citizen, ids_with, patient, publish_while, publisher, uri};

/// lapin gives a confirm to the wrong publish where tasks on several threads share a channel. Here
/// every confirmed application must be in the queue and no refused one. To see that this test can
/// fail, let `Session::send` spawn each publish as a task: some ten answers of these 128,000 are
/// then wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_confirmed_application_is_in_the_queue_and_no_refused_one() {
    let broker = broker().await;
    let config = PublisherConfig {
        messages_in_flight: 64,
        message_applications: 1,
        ..patient(&broker.url())
    };
    let publisher = publisher(config).await;
    let full = [
        "set_policy",
        "full",
        "^applications.citizen$",
        r#"{"max-length": 10}"#,
        "--apply-to",
        "queues",
    ];
    broker.control(&full).unwrap();
    let last = Arc::new(OnceLock::new());
    let seen = tokio::spawn(collect(slow_consumer(&broker.url()), Arc::clone(&last)));

    let ended = publish_while(&publisher, 64, |number| number < 2_000).await;

    let submission = citizen(0);
    last.set(submission.id()).unwrap();
    eventually(SOON, async || publisher.publish(submission.clone()).await.is_ok()).await;
    let seen = seen.await.unwrap();
    let (confirmed, refused) = (
        ids_with(&ended, Ok(())),
        ids_with(&ended, Err(PublishError::Refused)),
    );
    assert_eq!(confirmed.len() + refused.len(), 64 * 2_000);
    assert!(
        confirmed.len() > 1_000 && refused.len() > 1_000,
        "{} and {}",
        confirmed.len(),
        refused.len()
    );
    assert_eq!(confirmed.difference(&seen).count(), 0, "confirmed and not there");
    assert_eq!(refused.intersection(&seen).count(), 0, "refused and there");
}

/// Just so slow that a full queue has room again and again: confirms and refusals alternate.
fn slow_consumer(amqp_url: &str) -> Consumer {
    let (channel, name) = (Channel::Citizen, "test".into());
    Consumer::start(ConsumerConfig {
        uri: uri(amqp_url),
        channel,
        prefetch: 40,
        name,
    })
}

/// Takes and acknowledges, in the order of the queue, until the last one has come.
async fn collect(mut consumer: Consumer, last: Arc<OnceLock<ApplicationId>>) -> BTreeSet<ApplicationId> {
    let mut seen = BTreeSet::new();
    while last.get().is_none_or(|last| !seen.contains(last)) {
        let batch = consumer.take(100).await.unwrap();
        for delivery in &batch {
            seen.extend(
                decode(delivery.body())
                    .unwrap()
                    .received
                    .iter()
                    .map(|item| item.application.id),
            );
        }
        ack_all(batch).await.unwrap();
    }
    consumer.close().await;
    seen
}
