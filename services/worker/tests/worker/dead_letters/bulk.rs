//! A job goes on after a crash of its sender, and stops where an operator says so.

use sportello_dead_letters::Requeuer;
use sportello_domain::Channel;
use sportello_queue::depths;
use sportello_store::{
    Asked, JobChange, JobResult, JobState, LetterFilter, LetterState, Selection, StopCause, Store,
    StoreOptions,
};
use sportello_testkit::Account;
use tokio_util::sync::CancellationToken;

use super::{ANNA, BRUNO, Desk, WHY, desk, page, requeues};
use crate::support::{BICYCLE, bicycle, citizen, settle, with_three_bicycles};

const MANY: u32 = 60;

/// A desk with letters for a benefit whose file has come meanwhile.
async fn with_many() -> (Desk, worker::Lane) {
    let desk = desk().await;
    let mut lane = desk.office.lane(Channel::Citizen);
    let sent = (1..=MANY).map(|number| citizen(number).asking_for(BICYCLE));
    desk.office.publish(sent).await;
    let many = usize::try_from(MANY).unwrap();
    assert_eq!(settle(&mut lane, many).await.dead_lettered, many);
    desk.ingest(many).await;
    desk.office.write_benefit(&bicycle(), with_three_bicycles);
    desk.office.catalogue.refresh().await;
    (desk, lane)
}

fn all(count: u32) -> Selection {
    Selection::Matching {
        filter: LetterFilter::default(),
        count,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_killed_twice_in_a_job_loses_and_doubles_nothing() {
    let (desk, mut lane) = with_many().await;
    let job = desk.ask(all(MANY)).await;
    let drain = tokio::spawn(async move {
        let mut registered = 0;
        while registered < usize::try_from(MANY).unwrap() {
            registered += settle(&mut lane, 1).await.registered;
        }
        lane
    });
    let mut crashes = 0;
    while desk.job(&job).await.state == JobState::Running {
        let rate_is_on = desk.job(&job).await.settled >= 11;
        if rate_is_on && crashes < 2 {
            // a sender that ends after the broker's confirms, and before the commit
            if let Some(outbox) = desk.store.outbox(job.id, 10).await.unwrap() {
                let sender = requeues(&desk.office);
                for letter in outbox.letters() {
                    let sending =
                        sender.send(letter.id, letter.channel, letter.applications, &letter.message);
                    sending.await.unwrap();
                }
                drop(outbox);
                sender.close().await;
                crashes += 1;
            }
        }
        desk.requeuer.step().await.unwrap();
    }
    assert_eq!(crashes, 2);
    let lane = drain.await.unwrap();
    lane.close().await;

    let job = desk.job(&job).await;
    assert_eq!((job.state, job.settled), (JobState::Done, MANY));
    assert_eq!((job.returned, job.skipped, job.cancelled, job.sent), (0, 0, 0, 0));
    assert!(
        desk.states()
            .await
            .iter()
            .all(|state| *state == LetterState::Settled)
    );
    assert_eq!(desk.office.count().await, u64::from(MANY));
    let results = desk
        .store
        .requeue_job_letters(job.id, page(), None)
        .await
        .unwrap();
    assert!(results.items.iter().all(|one| one.result == JobResult::Settled));
    assert_eq!(results.items.len(), usize::try_from(MANY).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_consoles_send_each_letter_once() {
    let (desk, mut lane) = with_many().await;
    let job = desk.ask(all(MANY)).await;
    let url = Account::Console.address(&desk.office.database_url);
    let store = Store::connect(&url, &StoreOptions::default()).unwrap();
    let other = Requeuer::new(store, requeues(&desk.office));
    let stop = CancellationToken::new();
    let others = tokio::spawn(other.run(stop.clone()));
    let many = usize::try_from(MANY).unwrap();
    let drain = tokio::spawn(async move {
        let all = settle(&mut lane, many).await;
        lane.close().await;
        all
    });
    while desk.job(&job).await.state == JobState::Running {
        desk.requeuer.step().await.unwrap();
    }
    stop.cancel();
    others.await.unwrap();
    let all = drain.await.unwrap();
    assert_eq!((all.registered, all.existing, all.dead_lettered), (many, 0, 0));
    assert_eq!(desk.job(&job).await.settled, MANY);
    let left = depths(&desk.office.uri).await.unwrap();
    assert_eq!(left.of(Channel::Citizen), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_job_leaves_the_rest_open() {
    let (desk, mut lane) = with_many().await;
    let job = desk.ask(all(MANY)).await;
    assert_eq!(desk.requeuer.step().await.unwrap().letters, 1);
    assert_eq!(settle(&mut lane, 1).await.registered, 1);
    lane.close().await;
    let change = async |version, change| {
        let changed = desk
            .store
            .change_requeue_job(job.id, version, change, &BRUNO, &WHY);
        changed.await.unwrap().unwrap()
    };
    let (paused, made) = change(job.version, JobChange::Pause).await;
    assert!(made && paused.state == JobState::Paused);
    assert_eq!(desk.requeuer.step().await.unwrap().letters, 0);
    let (_, made) = change(job.version, JobChange::Resume).await;
    assert!(!made, "the version is an old one");
    let (stopped, made) = change(paused.version, JobChange::Stop).await;
    assert!(made);
    assert_eq!(
        (stopped.state, stopped.stop_cause),
        (JobState::Stopped, Some(StopCause::Operator))
    );
    assert_eq!((stopped.settled, stopped.cancelled), (1, MANY - 1));
    assert_eq!(desk.requeuer.step().await.unwrap().letters, 0);
    let states = desk.states().await;
    let open = states.iter().filter(|state| **state == LetterState::Open);
    assert_eq!(open.count(), usize::try_from(MANY - 1).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_frozen_and_asked_for_once() {
    let (desk, lane) = with_many().await;
    lane.close().await;
    let request = |count| sportello_store::RequeueRequest {
        id: super::uuid().into(),
        letters: all(count),
        rate: sportello_store::RequeueRate::default(),
    };
    let ask = async |request| {
        let asked = desk.store.ask_requeue(&request, &ANNA, &WHY);
        asked.await.unwrap()
    };
    assert_eq!(ask(request(MANY - 1)).await, Asked::CountDiffers(MANY));
    let good = request(MANY);
    let Asked::Job(job) = ask(good.clone()).await else {
        panic!("there is no job")
    };
    assert_eq!(
        ask(good).await,
        Asked::Job(job.clone()),
        "the same request makes no second job"
    );
    assert_eq!(
        ask(request(0)).await,
        Asked::OutOfRange(0),
        "none is open any more"
    );
    assert_eq!(job.letters, MANY);
}
