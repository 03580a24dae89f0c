//! The consumer outlives whatever ends its connection.

use std::time::Duration;

use lapin::options::QueueDeleteOptions;
use sportello_domain::Channel;
use sportello_queue::{AckError, Status, ack_all, decode, depths};
use sportello_testkit::{Sandbox, eventually};

use crate::support::{SOON, citizen, consumer, operator, patient, publisher, reaches, uri};

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_of_a_closed_connection_is_stale_and_comes_again() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    let mut consumer = consumer(sandbox.amqp_url(), Channel::Citizen);
    publisher.publish(citizen(1)).await.unwrap();
    let held = consumer.take(1).await.unwrap();

    sandbox.close_connections().await;
    eventually(SOON, async || !held[0].is_current()).await;
    assert_eq!(ack_all(held).await, Err(AckError::Stale));

    let again = consumer.take(1).await.unwrap();
    assert!(again[0].redelivered());
    ack_all(again).await.unwrap();
    reaches(&publisher, Status::Connected).await;
    publisher.publish(citizen(2)).await.unwrap();
    ack_all(consumer.take(1).await.unwrap()).await.unwrap();
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_dropped_comes_again() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    let mut consumer = consumer(sandbox.amqp_url(), Channel::Citizen);
    publisher.publish(citizen(1)).await.unwrap();
    drop(consumer.take(1).await.unwrap());

    let again = consumer.take(1).await.unwrap();
    assert!(again[0].redelivered());
    ack_all(again).await.unwrap();
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_queue_is_declared_again_and_consumed() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    let mut consumer = consumer(sandbox.amqp_url(), Channel::Citizen);
    publisher.publish(citizen(1)).await.unwrap();
    let held = consumer.take(1).await.unwrap();

    let (_connection, operator) = operator(sandbox.amqp_url()).await;
    operator
        .queue_delete("applications.citizen".into(), QueueDeleteOptions::default())
        .await
        .unwrap();
    eventually(SOON, async || !held[0].is_current()).await;

    // messages published before the queue is back wait in the unrouted queue
    let again = eventually(SOON, async || {
        publisher.publish(citizen(2)).await.unwrap();
        tokio::time::timeout(Duration::from_millis(100), consumer.take(1))
            .await
            .ok()
            .flatten()
    })
    .await;
    ack_all(again).await.unwrap();
    consumer.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_consumer_hands_out_what_it_has_and_loses_nothing() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    for number in 0..10 {
        publisher.publish(citizen(number)).await.unwrap();
    }
    let mut consumer = consumer(sandbox.amqp_url(), Channel::Citizen);
    let first = consumer.take(1).await.unwrap();
    consumer.cancel();
    let mut rest = 0;
    while let Some(batch) = consumer.take(100).await {
        rest += batch.len();
    }
    assert!(rest < 10);
    ack_all(first).await.unwrap();
    consumer.close().await;

    let messages = async || {
        depths(&uri(sandbox.amqp_url()))
            .await
            .unwrap()
            .of(Channel::Citizen)
            == 9
    };
    eventually(Duration::from_secs(10), messages).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_bounded_and_acknowledged_in_any_order() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    for number in 0..60 {
        publisher.publish(citizen(number)).await.unwrap();
    }
    let mut consumer = consumer(sandbox.amqp_url(), Channel::Citizen);
    let (mut batches, mut taken) = (Vec::new(), 0);
    while taken < 60 {
        let batch = consumer.take(10).await.unwrap();
        assert!(batch.len() <= 10);
        taken += batch.len();
        batches.push(batch);
    }
    let mut last = batches.pop().unwrap();
    last.pop().unwrap().ack().await.unwrap();
    batches.insert(0, last);
    for batch in batches {
        assert!(
            batch
                .iter()
                .all(|delivery| decode(delivery.body()).unwrap().received.len() == 1)
        );
        ack_all(batch).await.unwrap();
    }
    // were an acknowledgement wrong, the broker would have closed the connection
    publisher.publish(citizen(60)).await.unwrap();
    let next = consumer.take(1).await.unwrap();
    assert!(!next[0].redelivered());
    ack_all(next).await.unwrap();
    consumer.close().await;
    assert_eq!(
        depths(&uri(sandbox.amqp_url()))
            .await
            .unwrap()
            .of(Channel::Citizen),
        0
    );
}
