//! A content is mended once, by one operator, and its holder learns of it.

use jiff::Timestamp;
use sportello_dead_letters::Mending;
use sportello_domain::{Channel, ContentDigest, LetterId};
use sportello_store::{
    Access, Attempt, ContentReader, HistoryEvent, LetterEvent, LetterState, Operation, Operator, Role,
};

use super::{ANNA, BRUNO, Desk, WHY, content_of, desk, message_of, with_a_wrong_account};
use crate::support::{Sent, citizen, person, settle};

/// Bytes of a good content for this application.
fn good(sent: &Sent) -> Vec<u8> {
    content_of(sent).to_string().into_bytes()
}

async fn mend(desk: &Desk, id: LetterId, version: i32, content: &[u8], by: &Operator) -> Mending {
    let mended = desk.mender.mend(id, version, content, by, &WHY);
    mended.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mended_content_that_is_wrong_is_refused_with_its_place() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    desk.dead_letter(&mut lane, &[message_of(&citizen(1), with_a_wrong_account)])
        .await;
    lane.close().await;
    let letter = desk.letter().await;
    let mut unanswered = content_of(&citizen(1));
    unanswered["answers"] = serde_json::json!({});
    let mut others = content_of(&citizen(1));
    others["applicant"]["tax_code"] = person(2).as_str().into();
    let mut account = content_of(&citizen(1));
    with_a_wrong_account(&mut account);
    for (content, place, code) in [
        (account, "/applicant/iban", "iban_check_digits"),
        (unanswered, "/answers/activity", "required"),
        (others, "/applicant/tax_code", "another_person"),
    ] {
        let mended = mend(
            &desk,
            letter.id,
            letter.version,
            content.to_string().as_bytes(),
            &ANNA,
        )
        .await;
        let Mending::Refused(violations) = mended else {
            panic!("{mended:?}")
        };
        let found = violations
            .iter()
            .any(|one| one.pointer.as_str() == place && one.code == code);
        assert!(found, "{violations:?}");
    }
    let after = desk.letter().await;
    assert_eq!((after.version, after.mended), (letter.version, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mended_dead_letter_is_registered_once_and_its_holder_sees_what_was_sent() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    let wrong = message_of(&citizen(1), with_a_wrong_account);
    desk.dead_letter(&mut lane, std::slice::from_ref(&wrong)).await;
    let letter = desk.letter().await;
    let content = good(&citizen(1));
    let mended = mend(&desk, letter.id, letter.version, &content, &ANNA).await;
    let digest = ContentDigest::of(&content);
    assert_eq!(mended, Mending::Made { version: 2, digest });

    let job = desk.ask_one(&desk.letter().await).await;
    while desk.requeuer.step().await.unwrap().letters == 0 {}
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    lane.close().await;
    assert_eq!(desk.requeuer.step().await.unwrap().letters, 0);
    let job = desk.job(&job).await;
    assert_eq!((job.state.as_str(), job.settled), ("done", 1));
    assert_eq!(desk.letter().await.state, LetterState::Settled);

    let application = desk.office.registered(&citizen(1)).await.unwrap();
    assert_eq!(application.received_at, citizen(1).received_at);
    assert_eq!(application.content_digest, digest);
    let told = application.mended.unwrap();
    assert_eq!(Some(told.sent_digest), letter.sent_digest);
    assert_ne!(told.sent_digest, digest);
    let events: Vec<_> = application.history.iter().map(|entry| entry.event).collect();
    assert_eq!(events, [HistoryEvent::Registered, HistoryEvent::Mended]);
    assert_eq!(desk.office.count().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_operators_learns_of_the_first() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    desk.dead_letter(&mut lane, &[message_of(&citizen(1), with_a_wrong_account)])
        .await;
    lane.close().await;
    let letter = desk.letter().await;
    let before = Timestamp::now();
    let first = mend(&desk, letter.id, letter.version, &good(&citizen(1)), &ANNA).await;
    assert!(matches!(first, Mending::Made { version: 2, .. }), "{first:?}");
    let second = mend(&desk, letter.id, letter.version, &good(&citizen(1)), &BRUNO).await;
    let Mending::Overtaken(last) = second else {
        panic!("{second:?}")
    };
    let (by, reason) = last.by.unwrap();
    assert_eq!((by, reason.as_str()), (ANNA.clone(), WHY.as_str()));
    assert_eq!((last.version, last.state), (2, LetterState::Open));
    // the clocks are of the same machine
    assert!(last.at >= before);
    let discarded = desk
        .store
        .discard_dead_letter(letter.id, letter.version, &BRUNO, &WHY)
        .await
        .unwrap();
    assert!(matches!(discarded, Attempt::Overtaken(_)), "{discarded:?}");

    let history = desk.store.dead_letter_history(letter.id).await.unwrap();
    let events: Vec<_> = history.iter().map(|entry| entry.event).collect();
    let read = LetterEvent::Read;
    assert_eq!(events, [LetterEvent::Ingested, read, LetterEvent::Mended, read]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_a_dead_letter_is_in_the_journal_of_its_holder() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    let sent = citizen(1);
    desk.dead_letter(&mut lane, &[message_of(&sent, with_a_wrong_account)])
        .await;
    let letter = desk.letter().await;
    let read = desk.store.read_dead_letter(letter.id, &ANNA, &WHY);
    assert!(read.await.unwrap().is_some());
    mend(&desk, letter.id, letter.version, &good(&sent), &ANNA).await;
    desk.ask_one(&desk.letter().await).await;
    while desk.requeuer.step().await.unwrap().letters == 0 {}
    settle(&mut lane, 1).await;
    lane.close().await;
    let journal = desk
        .office
        .store
        .accesses(sent.id(), &sent.submitter(), super::page(), None)
        .await
        .unwrap()
        .unwrap();
    let entries: Vec<&Access> = journal.items.iter().collect();
    assert_eq!(entries.len(), 2, "read once, mended once: {entries:?}");
    for entry in entries {
        assert_eq!(
            (entry.role, entry.operation),
            (Role::Operator, Operation::Content)
        );
        assert_eq!(entry.reason.as_deref(), Some(WHY.as_str()));
    }
    // and nothing is left to be read in the letter
    let (_, content) = desk
        .store
        .read_dead_letter(letter.id, &ANNA, &WHY)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(content, sportello_store::LetterContent::Gone);
    let holder = ContentReader::Holder(sent.submitter());
    let registered = desk.office.store.content(sent.id(), &holder).await.unwrap();
    assert!(registered.held().is_some());
}
