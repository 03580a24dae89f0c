//! A batch counts its rows in the dead-letter queue.

use sportello_domain::{BatchId, BatchRow, Channel, IdSecret, IdempotencyKey};
use sportello_queue::encode;
use worker::Done;

use crate::support::{Office, Sent, citizen, open, refused, settle};

fn batch() -> BatchId {
    let secret = IdSecret::new(&"s".repeat(32).into()).unwrap();
    let sender = from_the_office(citizen(1)).submitter();
    secret.batch_id(&sender, &IdempotencyKey::parse("batch").unwrap())
}

fn from_the_office(sent: Sent) -> Sent {
    Sent {
        channel: Channel::Intermediary,
        ..sent
    }
}

/// A message with this application in a row of the batch.
fn in_row(sent: Sent, row: u32) -> String {
    let sent = from_the_office(sent);
    let batch = BatchRow { id: batch(), row };
    String::from_utf8(encode([sent.in_batch(batch)].iter())).unwrap()
}

/// Rows of which something became, and those that are dead letters.
async fn counted(office: &Office) -> (u64, u64) {
    let sender = from_the_office(citizen(1)).submitter();
    let tally = office.store.batch_tally(batch(), &sender).await.unwrap().unwrap();
    (tally.rows, tally.dead_lettered)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_counts_its_dead_letters_until_they_are_registered() {
    let office = open().await;
    let mut lane = office.lane(Channel::Intermediary);
    // a good one, one that the database refuses, one whose content differs from the accepted one
    let changed = in_row(citizen(3), 3).replace("Mario", "Maria");
    for message in [in_row(citizen(1), 1), in_row(refused(2), 2), changed] {
        office
            .publish_bytes(Channel::Intermediary, message.as_bytes())
            .await;
    }
    let done = settle(&mut lane, 3).await;
    let wanted = Done {
        registered: 1,
        dead_lettered: 2,
        ..Done::default()
    };
    assert_eq!((done, counted(&office).await), (wanted, (3, 2)));
    assert_eq!(office.dead_letters().await.len(), 2);

    // an operator has mended one, and sends it again
    office
        .publish_bytes(Channel::Intermediary, in_row(citizen(2), 2).as_bytes())
        .await;
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    assert_eq!(counted(&office).await, (3, 1));
    lane.close().await;
}
