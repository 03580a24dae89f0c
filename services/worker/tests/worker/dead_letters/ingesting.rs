//! Letters come into the table once, from either queue, whatever is delivered again.

use jiff::Timestamp;
use lapin::BasicProperties;
use sportello_domain::{Channel, DeadLetterReason};
use sportello_queue::{LetterBox, WaitingQueue, encode};
use sportello_store::{Holds, LetterSource, LetterState, NewDeadLetter};

use super::{ANNA, Desk, WHY, desk, message_of, with_a_wrong_account, with_header};
use crate::support::{INDEMNITY, citizen, refused, settle};

const LETTERS: &str = "applications.dead-letter";

async fn assert_empty(desk: &Desk) {
    assert_eq!(desk.office.dead_letters().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_delivered_twice_is_one_row() {
    let desk = desk().await;
    let body = message_of(&citizen(1), with_a_wrong_account);
    let stamped = || BasicProperties::default().with_message_id("00000000000000ff.7.0".into());
    // without a number, and with one: another letter, since it was in another message
    for properties in [BasicProperties::default, stamped] {
        for _ in 0..2 {
            desk.put(LETTERS, &body, properties()).await;
        }
    }
    let step = desk.ingester.step().await.unwrap();
    assert_eq!((step.new, step.existing, step.left), (2, 2, 0));
    desk.put(LETTERS, &body, stamped()).await;
    let step = desk.ingester.step().await.unwrap();
    assert_eq!((step.new, step.existing), (0, 1));
    assert_empty(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_the_acknowledgement_makes_no_second_row() {
    let desk = desk().await;
    let body = message_of(&citizen(1), with_a_wrong_account);
    desk.put(LETTERS, &body, with_header("reason_code", "content"))
        .await;

    // a worker that takes, commits, and ends before it acknowledges
    let other = LetterBox::new(desk.office.worker_uri(), "test");
    let taken = other.take(WaitingQueue::DeadLetters, 10).await.unwrap();
    assert_eq!(taken.len(), 1);
    let letter = NewDeadLetter {
        source: LetterSource::DeadLetter,
        holds: Holds::Application,
        channel: Channel::Citizen,
        stamp: None,
        item: Some(0),
        returned_from: None,
        applications: 1,
        application_id: Some(citizen(1).id()),
        benefit: None,
        reason: DeadLetterReason::Content,
        detail: String::new(),
        received_at: None,
        dead_lettered_at: Timestamp::now(),
        sent_digest: None,
        message: body,
    };
    let turn = desk
        .office
        .worker_store
        .dead_letter_turn()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(turn.ingest(&[letter], &[]).await.unwrap().new, 1);
    other.close().await;

    let mut known = 0;
    while known == 0 {
        let step = desk.ingester.step().await.unwrap();
        assert_eq!(step.new, 0);
        known += step.existing;
    }
    assert_eq!(desk.letter().await.application_id, Some(citizen(1).id()));
    assert_empty(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_says_what_and_why_and_no_more() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    let wrong = message_of(&citizen(2), with_a_wrong_account);
    desk.dead_letter(&mut lane, &[wrong, b"?".to_vec()]).await;
    lane.close().await;
    let letters = desk.letters().await;
    let application = letters
        .iter()
        .find(|one| one.holds == Holds::Application)
        .unwrap();
    assert_eq!(application.application_id, Some(citizen(2).id()));
    assert_eq!(application.reason, DeadLetterReason::Content);
    assert_eq!(application.benefit.as_ref().unwrap().as_str(), INDEMNITY);
    assert_eq!(application.received_at, Some(citizen(2).received_at));
    assert_eq!((application.state, application.version), (LetterState::Open, 1));
    let message = letters.iter().find(|one| one.holds == Holds::Message).unwrap();
    assert_eq!(
        (message.reason, message.application_id),
        (DeadLetterReason::Envelope, None)
    );
    let counts = desk.office.worker_store.dead_letter_counts().await.unwrap();
    assert_eq!(counts.iter().map(|count| count.letters).sum::<u64>(), 2);
    assert!(desk.office.worker_store.has_open_dead_letters().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn unrouted_messages_are_letters_each_with_one_application() {
    let desk = desk().await;
    let together = encode([citizen(1).submission(), citizen(2).submission()].iter());
    desk.put("applications.unrouted", &together, BasicProperties::default())
        .await;
    desk.ingest(2).await;
    let letters = desk.letters().await;
    for letter in &letters {
        assert_eq!(
            (letter.source, letter.reason),
            (LetterSource::Unrouted, DeadLetterReason::Unrouted)
        );
        desk.ask_one(letter).await;
    }
    let mut lane = desk.office.lane(Channel::Citizen);
    let mut registered = 0;
    while registered < 2 {
        if desk.requeuer.step().await.unwrap().letters > 0 {
            registered += settle(&mut lane, 1).await.registered;
        }
    }
    lane.close().await;
    assert_eq!(desk.states().await, [LetterState::Settled; 2]);
    assert_eq!(desk.office.count().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_a_letter_that_is_only_looked_at() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    let later = citizen(1).at("2020-04-01T07:00:00Z");
    let other = message_of(&later, |content| {
        content["applicant"]["given_name"] = "Maria".into()
    });
    desk.office.publish([citizen(1)]).await;
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    desk.office.publish_bytes(Channel::Citizen, &other).await;
    assert_eq!(settle(&mut lane, 1).await.existing, 1);
    lane.close().await;

    let letter = desk.letter().await;
    assert_eq!(
        (letter.source, letter.reason),
        (LetterSource::Conflict, DeadLetterReason::Conflict)
    );
    let job = desk.ask_one(&letter).await;
    assert_eq!((job.skipped, job.waiting), (1, 0));
    let (_, content) = desk
        .store
        .read_dead_letter(letter.id, &ANNA, &WHY)
        .await
        .unwrap()
        .unwrap();
    let sportello_store::LetterContent::Conflict(content) = content else {
        panic!("{content:?}")
    };
    assert!(content.contains("Maria"));
    let discarded = desk
        .store
        .discard_dead_letter(letter.id, letter.version, &ANNA, &WHY)
        .await
        .unwrap();
    assert_eq!(discarded, sportello_store::Attempt::Made(2));
    assert!(!desk.office.worker_store.has_open_dead_letters().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_message_is_kept_with_its_letter() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    desk.office.publish([refused(5)]).await;
    assert_eq!(settle(&mut lane, 1).await.dead_lettered, 1);
    lane.close().await;
    desk.ingest(1).await;
    let letter = desk.letter().await;
    assert_eq!(letter.reason, DeadLetterReason::Refused);
    assert!(letter.detail.contains("SQLSTATE 23514"), "{}", letter.detail);
}
