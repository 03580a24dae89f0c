//! Dead letters are kept whole.

use lapin::message::BasicGetMessage;
use lapin::options::{BasicAckOptions, BasicGetOptions, BasicNackOptions, QueueDeleteOptions};
use sportello_domain::{Channel, DeadLetterReason};
use sportello_queue::connection::SendError;
use sportello_queue::{DeadLetter, DeadLetterError, DeadLetters, decode, depths};
use sportello_testkit::{Sandbox, eventually};

use crate::support::{SOON, citizen, consumer, operator, patient, publisher, uri};

async fn get(operator: &lapin::Channel, queue: &str) -> Option<BasicGetMessage> {
    operator
        .basic_get(queue.into(), BasicGetOptions::default())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_kept_with_its_reason_and_can_be_sent_again() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    let mut consumer = consumer(sandbox.amqp_url(), Channel::Citizen);
    publisher.publish(citizen(1)).await.unwrap();
    let delivery = consumer.take(1).await.unwrap().pop().unwrap();
    let stamp = delivery.stamp().unwrap();
    let received = decode(delivery.body())
        .unwrap()
        .of_message(stamp)
        .received
        .pop()
        .unwrap();

    let letters = DeadLetters::new(uri(sandbox.amqp_url()), "test");
    let id = received.application.id;
    let letter = DeadLetter {
        channel: Channel::Citizen,
        envelope: received.envelope(),
        reason: "the register refuses it".into(),
        code: DeadLetterReason::Refused,
        id: Some(id),
        stamp: received.letter_stamp(),
        returned_from: None,
    };
    letters.send(&letter).await.unwrap();
    delivery.ack().await.unwrap();

    let (_connection, operator) = operator(sandbox.amqp_url()).await;
    let kept = get(&operator, "applications.dead-letter").await.unwrap().delivery;
    assert_eq!(kept.routing_key.as_str(), "citizen");
    assert_eq!(*kept.properties.delivery_mode(), Some(2));
    let headers = kept.properties.headers().as_ref().unwrap().inner();
    let text = |name: &str| headers[name].as_long_string().unwrap().to_string();
    assert_eq!(text("reason"), letter.reason);
    let number = kept.properties.message_id().as_ref().unwrap().as_str();
    assert_eq!(number, format!("{}.0", stamp.message_id()));
    assert_eq!(text("application_id"), id.to_string());
    assert!(text("dead_lettered_at").parse::<jiff::Timestamp>().is_ok());
    let again = decode(&kept.data.into()).unwrap().received.pop().unwrap();
    assert_eq!(again.application, received.application);
    consumer.close().await;
    letters.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_without_a_queue_is_not_called_kept() {
    let sandbox = Sandbox::queue().await;
    let letters = DeadLetters::new(uri(sandbox.amqp_url()), "test");
    let letter = DeadLetter {
        channel: Channel::Citizen,
        envelope: b"?".into(),
        reason: "unreadable".into(),
        code: DeadLetterReason::Envelope,
        id: None,
        stamp: None,
        returned_from: None,
    };
    letters.send(&letter).await.unwrap();
    let (_connection, operator) = operator(sandbox.amqp_url()).await;
    operator
        .queue_delete("applications.dead-letter".into(), QueueDeleteOptions::default())
        .await
        .unwrap();

    assert!(matches!(
        letters.send(&letter).await,
        Err(DeadLetterError(SendError::Refused))
    ));
    // the next one connects anew and declares it again
    letters.send(&letter).await.unwrap();
    assert_eq!(depths(&uri(sandbox.amqp_url())).await.unwrap().dead_letter, 1);
    letters.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_delivery_limit_a_message_goes_whole_to_the_dead_letters() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    publisher.publish(citizen(1)).await.unwrap();
    let (_connection, operator) = operator(sandbox.amqp_url()).await;
    let mut deliveries = 0;
    let mut body = Vec::new();
    eventually(SOON, async || {
        if let Some(message) = get(&operator, "applications.citizen").await {
            deliveries += 1;
            body = message.delivery.data.clone();
            message
                .nack(BasicNackOptions {
                    requeue: true,
                    ..Default::default()
                })
                .await
                .unwrap();
        }
        depths(&uri(sandbox.amqp_url())).await.unwrap().dead_letter == 1
    })
    .await;
    assert!(deliveries > 100, "{deliveries} deliveries");
    let kept = get(&operator, "applications.dead-letter").await.unwrap();
    assert_eq!(kept.delivery.data, body);
    kept.ack(BasicAckOptions::default()).await.unwrap();
}
