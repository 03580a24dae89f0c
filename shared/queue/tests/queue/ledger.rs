//! What a publisher states about its messages.

use sportello_domain::{Channel, Statement};
use sportello_queue::{Management, StatementInbox, TotalsProbe};
use sportello_testkit::{Sandbox, eventually};

use crate::support::{SOON, citizen, consumer, patient, publisher, uri};

/// The newest statement of the citizens' channel.
fn newest(statements: Vec<Statement>) -> Option<Statement> {
    let citizens = statements
        .into_iter()
        .filter(|one| one.channel == Channel::Citizen);
    citizens.max_by_key(|one| (one.is_final, one.decided_below, one.stated_at))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_states_what_was_confirmed_and_ends_with_a_last_word() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    for number in 0..3 {
        publisher.publish(citizen(number)).await.unwrap();
    }
    let mut inbox = StatementInbox::new(uri(sandbox.amqp_url()), "test");
    let stated = eventually(SOON, async || {
        let taken = inbox.take(100).await.unwrap();
        inbox.settle().await.unwrap();
        newest(taken).filter(|one| one.confirmed_messages == 3)
    })
    .await;
    assert_eq!((stated.decided_below, stated.confirmed_applications), (3, 3));
    assert!(stated.exceptions.is_empty() && !stated.is_final);

    publisher.publish(citizen(3)).await.unwrap();
    publisher.drain(SOON).await.unwrap();
    // what is taken and not settled comes again
    assert!(newest(inbox.take(100).await.unwrap()).is_some());
    let last = eventually(SOON, async || newest(inbox.take(100).await.unwrap())).await;
    inbox.settle().await.unwrap();
    assert_eq!((last.is_final, last.confirmed_messages), (true, 4));
    assert_eq!(last.process, stated.process);

    let mut consumer = consumer(sandbox.amqp_url(), Channel::Citizen);
    let mut numbers = Vec::new();
    while numbers.len() < 4 {
        for delivery in consumer.take(4).await.unwrap() {
            let stamp = delivery.stamp().unwrap();
            assert_eq!(
                (stamp.process, delivery.declared_applications()),
                (last.process, Some(1))
            );
            numbers.push(stamp.number);
            delivery.ack().await.unwrap();
        }
    }
    assert_eq!(numbers, [0, 1, 2, 3]);
    consumer.close().await;
    inbox.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_messages_of_a_queue_are_counted_those_in_hand_too() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    for number in 0..3 {
        publisher.publish(citizen(number)).await.unwrap();
    }
    let mut consumer = consumer(sandbox.amqp_url(), Channel::Citizen);
    let in_hand = consumer.take(1).await.unwrap();
    assert!(!in_hand.is_empty());
    let management = Management::new(&sandbox.management_url(), &uri(sandbox.amqp_url()), false).unwrap();
    let probe = TotalsProbe::new(management);
    let totals = eventually(SOON, async || {
        let totals = probe.read().await.ok();
        totals.filter(|totals| totals.channels[Channel::Citizen] == 3)
    })
    .await;
    assert_eq!((totals.dead_letter, totals.unrouted), (0, 0));
    sportello_queue::ack_all(in_hand).await.unwrap();
    consumer.close().await;
}
