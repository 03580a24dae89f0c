//! Items that can't be registered are dead-lettered whole, and no others with them.

use sportello_domain::Channel;
use sportello_queue::{decode, encode};
use worker::Done;

use crate::support::{Office, citizen, open, refused, settle};

async fn drained(office: &Office, wanted: usize) -> Done {
    let mut lane = office.lane(Channel::Citizen);
    let done = settle(&mut lane, wanted).await;
    lane.close().await;
    office.assert_drained(Channel::Citizen).await;
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_refuses_is_found_among_the_good_ones() {
    let office = open().await;
    let poison = [3, 17, 18, 40];
    let sent = (1..=60).map(|number| {
        if poison.contains(&number) {
            refused(number)
        } else {
            citizen(number)
        }
    });
    office.publish(sent).await;
    let done = drained(&office, 60).await;
    assert_eq!(
        done,
        Done {
            registered: 56,
            dead_lettered: 4,
            ..Done::default()
        }
    );
    assert_eq!(office.count().await, 56);

    let letters = office.dead_letters().await;
    let mut ids: Vec<_> = letters
        .iter()
        .map(|(envelope, reason)| {
            assert_eq!(
                reason,
                "the database refuses it: constraint applications_protocol_year (SQLSTATE 23514)"
            );
            let decoded = decode(&envelope.clone().into()).unwrap();
            assert_eq!(decoded.received.len(), 1);
            decoded.received[0].application.id
        })
        .collect();
    ids.sort();
    let mut wanted: Vec<_> = poison.iter().map(|number| refused(*number).id()).collect();
    wanted.sort();
    assert_eq!(ids, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_can_not_be_read_is_kept_byte_for_byte() {
    let office = open().await;
    let unreadable: [&[u8]; 3] = [b"\xff\x00rubbish", b"", br#"{"version": 0, "applications": []}"#];
    for body in unreadable {
        office.publish_bytes(Channel::Citizen, body).await;
    }
    office.publish([citizen(1)]).await;
    let done = drained(&office, 4).await;
    assert_eq!(
        done,
        Done {
            registered: 1,
            dead_lettered: 3,
            ..Done::default()
        }
    );

    let mut letters = office.dead_letters().await;
    letters.sort();
    let mut bodies: Vec<_> = unreadable.iter().map(|body| body.to_vec()).collect();
    bodies.sort();
    assert_eq!(
        letters.iter().map(|(body, _)| body.clone()).collect::<Vec<_>>(),
        bodies
    );
    assert!(letters.iter().all(|(_, reason)| !reason.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_can_not_be_decoded_does_not_keep_its_neighbours() {
    let office = open().await;
    // one message with two applications, one of them without a frame
    let mut lane = office.lane(Channel::Citizen);
    office.publish([citizen(1)]).await;
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    let good = String::from_utf8(encode([citizen(2).submission()].iter())).unwrap();
    let mixed = good.replace("]}", r#",{"id": "SECRET"}]}"#);
    assert_ne!(mixed, good);
    office.publish_bytes(Channel::Citizen, mixed.as_bytes()).await;
    assert_eq!(
        settle(&mut lane, 2).await,
        Done {
            registered: 1,
            dead_lettered: 1,
            ..Done::default()
        }
    );
    lane.close().await;
    assert_eq!(office.count().await, 2);
    let letters = office.dead_letters().await;
    assert_eq!(letters.len(), 1);
    assert!(!letters[0].1.contains("SECRET"), "{}", letters[0].1);
}
