//! From publisher to consumer.

use std::collections::BTreeSet;
use std::time::Duration;

use sportello_domain::{Channel, ContentDigest};
use sportello_queue::{PublisherConfig, decode, depths};
use sportello_testkit::{Sandbox, eventually};
use tokio::task::JoinSet;

use crate::support::{
    SOON, TRACEPARENT, citizen, consumer, content, drain_until, patient, publisher, submission, uri,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_is_consumed_on_its_channel_and_gone_once_acknowledged() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    for channel in Channel::ALL {
        let mut consumer = consumer(sandbox.amqp_url(), channel);
        let sent = submission(channel, 7);
        publisher.publish(sent.clone()).await.unwrap();

        let mut batch = consumer.take(100).await.unwrap();
        let delivery = batch.pop().unwrap();
        assert!(batch.is_empty() && !delivery.redelivered() && delivery.applications() == 1);
        let received = decode(delivery.body()).unwrap().received.pop().unwrap();
        assert_eq!(delivery.traceparent(), Some(TRACEPARENT));
        assert_eq!(received.traceparent.as_deref(), Some(TRACEPARENT));
        assert_eq!(received.application.id, sent.id());
        assert_eq!(received.application.submitter.channel(), channel);
        assert_eq!(
            received.application.content_digest,
            ContentDigest::of(content(7).as_bytes())
        );
        assert_eq!(received.application.application.answers.as_json()["number"], 7);
        delivery.ack().await.unwrap();
        consumer.close().await;
    }
    publisher.drain(SOON).await.unwrap();
    assert_eq!(
        depths(&uri(sandbox.amqp_url())).await.unwrap(),
        Default::default()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_gather_into_fewer_messages_than_applications() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    let mut tasks = JoinSet::new();
    for number in 0..2_000 {
        let publisher = publisher.clone();
        tasks.spawn(async move {
            let submission = citizen(number);
            let id = submission.id();
            publisher.publish(submission).await.map(|()| id)
        });
    }
    let ids: BTreeSet<_> = tasks.join_all().await.into_iter().map(Result::unwrap).collect();
    publisher.drain(SOON).await.unwrap();

    let messages = depths(&uri(sandbox.amqp_url()))
        .await
        .unwrap()
        .of(Channel::Citizen);
    assert!((2_000 / 64..1_000).contains(&messages), "{messages} messages");
    let mut consumer = consumer(sandbox.amqp_url(), Channel::Citizen);
    assert_eq!(drain_until(&mut consumer, &ids).await, ids);
    consumer.close().await;
    eventually(Duration::from_secs(10), async || {
        depths(&uri(sandbox.amqp_url())).await.unwrap() == Default::default()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_as_are_enough_wait_for_no_pause() {
    const PAIRS: u32 = 50;
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(PublisherConfig {
        // longer than any caller waits for an answer
        pause: 10 * SOON,
        enough_applications: 2,
        ..patient(sandbox.amqp_url())
    })
    .await;
    for pair in 0..PAIRS {
        let one = publisher.publish(citizen(2 * pair));
        let other = publisher.publish(citizen(2 * pair + 1));
        tokio::try_join!(one, other).unwrap();
    }
    publisher.drain(SOON).await.unwrap();

    let messages = depths(&uri(sandbox.amqp_url()))
        .await
        .unwrap()
        .of(Channel::Citizen);
    assert!(
        messages < 2 * PAIRS,
        "no two shared a message, so there was no pause"
    );
}
