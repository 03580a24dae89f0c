//! While the broker is away, the local disk stands in for it: for a limited time, and for single
//! applications.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::common::upload::begin;
use crate::common::{Intake, WITHIN, assert_no_personal_data, content, person};
use futures_util::future::join_all;
use reqwest::Response;
use serde_json::Value;
use sportello_domain::{Channel, ContentDigest, Statement};
use sportello_queue::{BrokerUri, Consumer, ConsumerConfig, Delivery, StatementInbox, ack_all, decode};
use sportello_receipt::ReceiptVerifier;
use sportello_testkit::{Sandbox, broker, eventually};

const SECOND: Duration = Duration::from_secs(1);

/// Returns the answer to a good request, which comes within a second.
async fn post(intake: &Intake, number: u64) -> Response {
    let begun = Instant::now();
    let answer = intake.post(&person(number)).send().await.unwrap();
    assert!(begun.elapsed() < SECOND, "{:?}", begun.elapsed());
    answer
}

/// The id of one that is accepted with a receipt that can be checked.
async fn accepted(intake: &Intake, verifier: &ReceiptVerifier, number: u64) -> String {
    let answer = post(intake, number).await;
    assert_eq!(answer.status(), 202);
    assert!(answer.headers().contains_key("location"));
    let answer: Value = answer.json().await.unwrap();
    let receipt = verifier.verify(answer["receipt"].as_str().unwrap()).unwrap();
    let body = content(&person(number)).to_string();
    assert_eq!(receipt.content_digest, ContentDigest::of(body.as_bytes()));
    assert_eq!(receipt.application_id.to_string(), answer["id"]);
    answer["id"].as_str().unwrap().to_owned()
}

async fn verifier(intake: &Intake) -> ReceiptVerifier {
    let keys = intake.get("/.well-known/jwks.json").await.json().await.unwrap();
    ReceiptVerifier::new(&keys)
}

/// A metric of the spool that has no attributes.
async fn metric(intake: &Intake, name: &str) -> Option<f64> {
    let page = intake.get("/metrics").await.text().await.unwrap();
    let mut values = page
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.rsplit(' ').next());
    values.next_back()?.parse().ok()
}

async fn drained(intake: &Intake) {
    eventually(WITHIN, async || {
        metric(intake, "sportello_spool_applications").await == Some(0.0)
    })
    .await;
}

/// Returns the warning of `/status` about the spool.
async fn warning(intake: &Intake) -> String {
    let status: Value = intake.get("/status").await.json().await.unwrap();
    status["checks"]["spool"].to_string()
}

/// Takes messages of the citizens' queue until each of these has come; returns the ids in the order
/// of the queue.
async fn taken(amqp_url: &str, wanted: &BTreeSet<String>) -> Vec<String> {
    let mut seen = Vec::new();
    take_all(amqp_url, wanted, |_, ids| seen.extend(ids)).await;
    seen
}

/// Takes messages of the citizens' queue until each of these has come, and shows each message with
/// the ids in it.
async fn take_all(amqp_url: &str, wanted: &BTreeSet<String>, mut see: impl FnMut(&Delivery, Vec<String>)) {
    let mut consumer = Consumer::start(ConsumerConfig {
        uri: amqp_url.parse::<BrokerUri>().unwrap(),
        channel: Channel::Citizen,
        prefetch: 200,
        name: "test".into(),
    });
    let mut missing = wanted.clone();
    let taking = async {
        while !missing.is_empty() {
            let batch = consumer.take(500).await.unwrap();
            for delivery in &batch {
                let items = decode(delivery.body()).unwrap().received;
                let ids = items.iter().map(|item| item.application.id.to_string());
                let ids: Vec<String> = ids.collect();
                missing.retain(|id| !ids.contains(id));
                see(delivery, ids);
            }
            ack_all(batch).await.unwrap();
        }
    };
    tokio::time::timeout(WITHIN, taking).await.unwrap();
}

/// Whether any file of the folder holds this.
fn holds(folder: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap();
    let mut contents = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    contents.any(|content| content.windows(text.len()).any(|bytes| bytes == text.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_disk_took_while_the_broker_was_away_is_queued_although_intake_was_killed_too() {
    let mut broker = broker().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [("SPOOL_FOLDER", folder.path().to_str().unwrap())];
    let intake = Intake::start_with(&broker.url(), &settings).await;
    let verifier = verifier(&intake).await;
    let mut ids = vec![accepted(&intake, &verifier, 0).await];
    assert_eq!(metric(&intake, "sportello_spool_applications").await, Some(0.0));

    broker.kill().await.unwrap();
    for number in 1..=30 {
        ids.push(accepted(&intake, &verifier, number).await);
    }
    eventually(WITHIN, async || {
        metric(&intake, "sportello_spool_applications").await == Some(30.0)
    })
    .await;
    assert!(metric(&intake, "sportello_spool_bytes").await > Some(15_000.0));
    assert!(metric(&intake, "sportello_spool_oldest_age_seconds").await > Some(0.0));
    assert_eq!(intake.get("/readyz").await.status(), 200);
    eventually(WITHIN, async || {
        warning(&intake)
            .await
            .contains("keeps applications on the local disk")
    })
    .await;
    // the same again is the same application
    assert_eq!(accepted(&intake, &verifier, 30).await, ids[30]);
    // a batch waits for the queue
    let (_sender, mut answer) = begin(&intake, "a-batch").await;
    assert_eq!(answer.head().await.status, 503);
    assert_no_personal_data(&intake.log(), &person(1));
    let tax_code = person(1).tax_code.as_str().to_owned();
    assert!(holds(folder.path(), &tax_code));

    // a process without the channel settings accepts nothing
    let issuer = intake.kill();
    let intake = Intake::start_again(issuer, &broker.url(), &settings).await;
    let answer = post(&intake, 31).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(metric(&intake, "sportello_spool_applications").await, Some(31.0));
    let issuer = intake.kill();

    broker.start().await.unwrap();
    let intake = Intake::start_again(issuer, &broker.url(), &settings).await;
    let wanted: BTreeSet<String> = ids.iter().cloned().collect();
    let queued = taken(&broker.url(), &wanted).await;
    // in order, and none more often than it was sent
    let sent_twice = [ids[30].clone()];
    assert_eq!(queued, [&ids[..], &sent_twice].concat());
    drained(&intake).await;
    eventually(WITHIN, async || warning(&intake).await.contains("pass")).await;
    assert!(!holds(folder.path(), &tax_code));
    assert_no_personal_data(&intake.log(), &person(1));
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_and_one_whose_time_is_over_send_callers_away() {
    let mut broker = broker().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (small, brief) = (path("small"), path("brief"));
    let small = Intake::start_with(&broker.url(), &[("SPOOL_FOLDER", &small), ("SPOOL_MIB", "1")]).await;
    let brief = Intake::start_with(&broker.url(), &[("SPOOL_FOLDER", &brief), ("SPOOL_SECONDS", "3")]).await;
    broker.kill().await.unwrap();
    assert_eq!(post(&brief, 0).await.status(), 202);

    let mut statuses = BTreeSet::new();
    for round in 0..100 {
        let posts = (0..32).map(|number| small.post(&person(round * 32 + number)).send());
        let answers = join_all(posts).await.into_iter().map(Result::unwrap);
        statuses.extend(answers.map(|answer| answer.status().as_u16()));
        if statuses.contains(&503) {
            break;
        }
    }
    assert_eq!(statuses, [202, 503].into());
    assert!(metric(&small, "sportello_spool_applications").await > Some(300.0));
    for (intake, why) in [(&small, "full"), (&brief, "its time is over")] {
        let answer = eventually(WITHIN, async || {
            Some(post(intake, 5_000).await).filter(|a| a.status() == 503)
        })
        .await;
        assert!(answer.headers().contains_key("retry-after"), "{why}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        eventually(WITHIN, async || intake.get("/readyz").await.status() == 503).await;
    }

    broker.start().await.unwrap();
    for intake in [&small, &brief] {
        drained(intake).await;
        eventually(WITHIN, async || post(intake, 5_000).await.status() == 202).await;
    }
    small.stop().await;
    brief.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_without_memory_and_one_that_is_frozen_are_stood_in_for() {
    let broker = broker().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [("SPOOL_FOLDER", folder.path().to_str().unwrap())];
    let intake = Intake::start_with(&broker.url(), &settings).await;
    let verifier = verifier(&intake).await;

    broker
        .control(&["set_vm_memory_high_watermark", "0.00001"])
        .unwrap();
    // the first may still get through, the one that meets the alarm waits for the broker and then
    // for the disk
    let mut ids = BTreeSet::new();
    let mut number = 0;
    eventually(WITHIN, async || {
        number += 1;
        ids.insert(accepted(&intake, &verifier, number).await);
        metric(&intake, "sportello_spool_applications").await > Some(1.0)
    })
    .await;
    broker.control(&["set_vm_memory_high_watermark", "0.4"]).unwrap();
    drained(&intake).await;

    broker.process().freeze();
    for number in 1_000..1_010 {
        ids.insert(accepted(&intake, &verifier, number).await);
    }
    assert!(metric(&intake, "sportello_spool_applications").await > Some(0.0));
    broker.process().thaw();
    drained(&intake).await;

    let queued = taken(&broker.url(), &ids).await;
    assert_eq!(queued.into_iter().collect::<BTreeSet<_>>(), ids, "and no other");
    intake.stop().await;
}

/// Lets eight callers apply without a pause until `stop` has ended. Each is accepted; returns the
/// ids, and the result of `stop`.
async fn accepted_during<T>(
    intake: &Intake,
    first: u64,
    stop: impl Future<Output = T>,
) -> (BTreeSet<String>, T) {
    let verifier = &verifier(intake).await;
    let is_stopped = &AtomicBool::new(false);
    let caller = async |number: u64| {
        let mut ids = BTreeSet::new();
        for number in number.. {
            let is_last = is_stopped.load(Ordering::Relaxed);
            ids.insert(accepted(intake, verifier, number).await);
            if is_last {
                break;
            }
        }
        ids
    };
    let stop = async {
        let stopped = stop.await;
        is_stopped.store(true, Ordering::Relaxed);
        stopped
    };
    let callers = join_all((0..8).map(|one| caller(first + one * 1_000_000)));
    let (ids, stopped) = tokio::join!(callers, stop);
    (ids.into_iter().flatten().collect(), stopped)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_the_broker_is_stopped_in_order() {
    let broker = broker().await;
    let url = broker.url();
    let folder = tempfile::tempdir().unwrap();
    let settings = [("SPOOL_FOLDER", folder.path().to_str().unwrap())];
    let intake = Intake::start_with(&url, &settings).await;

    // the application alone, then the whole node
    let stop = tokio::task::spawn_blocking(|| {
        broker.control(&["stop_app"]).unwrap();
        broker
    });
    let (mut ids, broker) = accepted_during(&intake, 0, stop).await;
    let mut broker = broker.unwrap();
    assert!(metric(&intake, "sportello_spool_applications").await > Some(0.0));
    broker.control(&["start_app"]).unwrap();
    drained(&intake).await;

    let (more, stopped) = accepted_during(&intake, 10_000_000, broker.stop()).await;
    stopped.unwrap();
    ids.extend(more);
    assert!(metric(&intake, "sportello_spool_applications").await > Some(0.0));
    broker.start().await.unwrap();
    drained(&intake).await;

    let queued = taken(&url, &ids).await;
    assert_eq!(queued.into_iter().collect::<BTreeSet<_>>(), ids, "and no other");
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_when_the_process_is_stopped_waits_for_the_next_one() {
    let mut broker = broker().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [("SPOOL_FOLDER", folder.path().to_str().unwrap())];
    let intake = Intake::start_with(&broker.url(), &settings).await;
    let verifier = verifier(&intake).await;
    broker.kill().await.unwrap();
    let id = accepted(&intake, &verifier, 1).await;

    let (log, issuer) = intake.stop_with_log().await;
    assert!(log.contains("its folder must be there"), "{log}");

    broker.start().await.unwrap();
    let intake = Intake::start_again(issuer, &broker.url(), &settings).await;
    assert_eq!(taken(&broker.url(), &[id.clone()].into()).await, [id]);
    drained(&intake).await;
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_empties_a_spool_whose_process_is_no_more() {
    let mut broker = broker().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [("SPOOL_FOLDER", folder.path().to_str().unwrap())];
    let intake = Intake::start_with(&broker.url(), &settings).await;
    let verifier = verifier(&intake).await;
    broker.kill().await.unwrap();
    let mut ids = Vec::new();
    for number in 1..=5 {
        ids.push(accepted(&intake, &verifier, number).await);
    }
    drop(intake.kill());

    broker.start().await.unwrap();
    let replay = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_intake"));
        command.arg("replay").env("AMQP_URL", broker.url()).envs(settings);
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let output = replay().await.unwrap();
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{log}");
    assert!(log.contains("\"applications\":5"), "{log}");
    assert_eq!(taken(&broker.url(), &ids.iter().cloned().collect()).await, ids);
    assert!(!holds(folder.path(), person(1).tax_code.as_str()));
    assert_no_personal_data(&log, &person(1));

    // what can't be read is no reason to delete the volume
    std::fs::write(folder.path().join("unreadable-7"), "?").unwrap();
    let output = replay().await.unwrap();
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && log.contains("keep them"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_start_closes_the_book_of_a_killed_one() {
    let sandbox = Sandbox::queue().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [("SPOOL_FOLDER", folder.path().to_str().unwrap())];
    let intake = Intake::start_with(sandbox.amqp_url(), &settings).await;
    let mut inbox = StatementInbox::new(sandbox.amqp_url().parse().unwrap(), "test");
    // until its first word is there
    let first = eventually(WITHIN, async || {
        let taken = inbox.take(100).await.unwrap();
        inbox.settle().await.unwrap();
        taken.into_iter().find(|one| one.channel == Channel::Citizen)
    })
    .await;
    let verifier = verifier(&intake).await;
    let mut ids = BTreeSet::new();
    for number in 0..5 {
        ids.insert(accepted(&intake, &verifier, number).await);
    }
    // at once: its last second is in no statement
    let issuer = intake.kill();
    let intake = Intake::start_again(issuer, sandbox.amqp_url(), &settings).await;
    let last = eventually(WITHIN, async || {
        let taken = inbox.take(100).await.unwrap();
        inbox.settle().await.unwrap();
        let of_killed = |one: &Statement| one.process == first.process && one.channel == Channel::Citizen;
        taken.into_iter().find(|one| of_killed(one) && one.is_final)
    })
    .await;
    // where a confirm is slow the disk takes an application, and the second process publishes it
    let by_killed = |delivery: &Delivery| {
        let stamp = delivery.stamp().unwrap();
        stamp.process == first.process && !last.exceptions.contains(stamp.number)
    };
    let mut confirmed = 0;
    take_all(sandbox.amqp_url(), &ids, |delivery, ids| {
        confirmed += if by_killed(delivery) { ids.len() as u64 } else { 0 };
    })
    .await;
    assert_eq!(last.confirmed_applications, confirmed);
    assert_eq!(
        last.confirmed_messages + last.exceptions.count(),
        last.decided_below
    );
    intake.stop().await;
    inbox.close().await;
    // one that ends in order leaves no file
    let files = std::fs::read_dir(folder.path()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.ends_with(".ledger")).count(), 0);
}
