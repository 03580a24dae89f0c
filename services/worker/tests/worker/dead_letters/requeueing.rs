//! Letters that are sent again are settled, or come back.

use sportello_domain::{Channel, DeadLetterReason};
use sportello_store::{JobState, LetterFilter, LetterState, Selection, StopCause};

use super::{ANNA, WHY, desk};
use crate::support::{citizen, refused, settle};

#[tokio::test(flavor = "multi_thread")]
async fn a_first_letter_that_comes_back_stops_the_job() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    desk.office.publish((1..=20).map(refused)).await;
    assert_eq!(settle(&mut lane, 20).await.dead_lettered, 20);
    desk.ingest(20).await;
    let selection = Selection::Matching {
        filter: LetterFilter {
            reason: Some(DeadLetterReason::Refused),
            ..LetterFilter::default()
        },
        count: 20,
    };
    let job = desk.ask(selection).await;
    assert_eq!(job.waiting, 20);
    assert_eq!(desk.requeuer.step().await.unwrap().letters, 1, "one goes first");
    assert_eq!(desk.requeuer.step().await.unwrap().letters, 0, "it is waited for");
    assert_eq!(settle(&mut lane, 1).await.dead_lettered, 1);
    lane.close().await;
    desk.ingest(1).await;
    assert_eq!(desk.requeuer.step().await.unwrap().letters, 0);

    let job = desk.job(&job).await;
    assert_eq!(
        (job.state, job.stop_cause),
        (JobState::Stopped, Some(StopCause::LetterReturned))
    );
    assert_eq!((job.returned, job.cancelled, job.waiting), (1, 19, 0));
    let letters = desk.letters().await;
    assert_eq!(letters.len(), 21);
    let before = letters
        .iter()
        .find(|one| one.state == LetterState::Returned)
        .unwrap();
    let after = letters.iter().find(|one| one.returned_from.is_some()).unwrap();
    assert_eq!(
        (after.returned_from, before.returned_as),
        (Some(before.id), Some(after.id))
    );
    assert_eq!(
        (after.state, after.application_id),
        (LetterState::Open, before.application_id)
    );
    let open = letters.iter().filter(|one| one.state == LetterState::Open);
    assert_eq!(open.count(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_discarded_is_not_sent_again() {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    desk.office.publish([refused(1)]).await;
    assert_eq!(settle(&mut lane, 1).await.dead_lettered, 1);
    lane.close().await;
    desk.ingest(1).await;
    let letter = desk.letter().await;
    let discarded = desk.store.discard_dead_letter(letter.id, 1, &ANNA, &WHY);
    assert_eq!(discarded.await.unwrap(), sportello_store::Attempt::Made(2));
    for version in [1, 2] {
        let job = desk.ask(Selection::Letters(vec![(letter.id, version)])).await;
        assert_eq!((job.state, job.skipped), (JobState::Done, 1));
    }
    assert_eq!(desk.requeuer.step().await.unwrap().letters, 0);
    assert_eq!(desk.letter().await.state, LetterState::Discarded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_for_a_missing_benefit_is_registered_once_its_file_is_there() {
    use crate::support::{BICYCLE, bicycle, with_three_bicycles};
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    let sent = citizen(1).asking_for(BICYCLE);
    desk.office.publish([sent]).await;
    assert_eq!(settle(&mut lane, 1).await.dead_lettered, 1);
    desk.ingest(1).await;
    assert_eq!(desk.letter().await.reason, DeadLetterReason::UnknownBenefit);
    desk.office.write_benefit(&bicycle(), with_three_bicycles);
    desk.office.catalogue.refresh().await;
    desk.ask_one(&desk.letter().await).await;
    while desk.requeuer.step().await.unwrap().letters == 0 {}
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    lane.close().await;
    let application = desk.office.registered(&sent).await.unwrap();
    assert_eq!(application.received_at, sent.received_at);
    assert!(application.mended.is_none());
    assert_eq!(desk.letter().await.state, LetterState::Settled);
}
