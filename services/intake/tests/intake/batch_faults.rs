//! Uploads that are cut, wait and end, and how much memory one takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;
use sportello_testkit::{Sandbox, broker, eventually};

use crate::common::upload::{all_ended, begin, enqueued, lines, outcome, post, row};
use crate::common::{Intake, WITHIN, person};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_and_is_sent_again_makes_each_application_once() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let rows: Vec<String> = (1..=300)
        .map(|number| row(&format!("k-{number}"), &person(number)) + "\n")
        .collect();
    let (mut sender, mut answer) = begin(&intake, "cut").await;
    sender.send(&rows[..200].concat()).await;
    let head = answer.head().await;
    let mut answered = Vec::new();
    for _ in 0..20 {
        answered.push(answer.line().await.unwrap()["id"].as_str().unwrap().to_owned());
    }
    drop((sender, answer));
    all_ended(&intake).await;
    let found = enqueued(&sandbox, 20).await;
    assert!(answered.iter().all(|id| found.contains_key(id)));

    let again = post(&intake, "cut", rows.concat()).send().await.unwrap();
    assert_eq!(
        again.headers()["location"].to_str().unwrap(),
        head.headers["location"]
    );
    let lines = lines(&again.text().await.unwrap());
    let ids: Vec<_> = lines[..300]
        .iter()
        .map(|line| line["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids[..20], answered);
    assert_eq!(lines[300]["batch"]["accepted"], 300);
    let found = enqueued(&sandbox, 300).await;
    assert_eq!(found.len(), 300);
    assert!(ids.iter().all(|id| found.contains_key(id)));
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_outlives_its_connections_to_the_broker() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let (mut sender, mut answer) = begin(&intake, "broken").await;
    let row = |number| row(&format!("k-{number}"), &person(number)) + "\n";
    sender.send(&(1..=100).map(row).collect::<String>()).await;
    assert_eq!(answer.head().await.status, 202);
    assert_eq!(outcome(&answer.line().await.unwrap()), "accepted");
    sandbox.close_connections().await;
    sender.send(&(101..=300).map(row).collect::<String>()).await;
    sender.end().await;
    let lines = answer.lines().await;
    assert_eq!(lines[299]["batch"]["accepted"], 300);
    assert_eq!(enqueued(&sandbox, 300).await.len(), 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_broker_is_full_an_upload_waits_and_without_it_the_answer_ends_early() {
    let broker = broker().await;
    let intake = Intake::start(&broker.url()).await;
    let (mut sender, mut answer) = begin(&intake, "waits").await;
    sender.send(&(row("1", &person(1)) + "\n")).await;
    assert_eq!(answer.head().await.status, 202);
    assert_eq!(answer.line().await.unwrap()["row"], 1);

    broker
        .control(&["set_vm_memory_high_watermark", "0.000001"])
        .unwrap();
    // the first may still get through; the one that meets the alarm waits
    let mut number = 1;
    loop {
        number += 1;
        let row = row(&format!("k-{number}"), &person(number)) + "\n";
        sender.send(&row).await;
        let answer = tokio::time::timeout(Duration::from_secs(3), answer.line()).await;
        let Ok(line) = answer else { break };
        assert_eq!(outcome(&line.unwrap()), "accepted");
    }
    broker.control(&["set_vm_memory_high_watermark", "0.6"]).unwrap();
    let line = answer.line().await.unwrap();
    assert_eq!(
        (&line["row"], outcome(&line)),
        (&json!(number), "accepted".into())
    );

    broker.kill().await.unwrap();
    sender.send(&(row("last", &person(1)) + "\n")).await;
    let line = tokio::time::timeout(2 * WITHIN, async {
        eventually(WITHIN, async || intake.get("/readyz").await.status() == 503).await;
        loop {
            // each look waits for less than the answer takes
            if let Ok(line) = tokio::time::timeout(Duration::from_secs(1), answer.line()).await {
                return line.unwrap();
            }
        }
    });
    let line = line.await.unwrap();
    assert_eq!(
        (&line["row"], outcome(&line)),
        (&json!(number + 1), "unavailable  ".into())
    );
    assert_eq!(answer.line().await, None);
    all_ended(&intake).await;
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_stopped_answers_what_was_read_and_ends() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let (mut sender, mut answer) = begin(&intake, "ends").await;
    sender.send(&(row("1", &person(1)) + "\n")).await;
    assert_eq!(answer.head().await.status, 202);
    assert_eq!(outcome(&answer.line().await.unwrap()), "accepted");
    let (lines, ()) = tokio::join!(answer.lines(), intake.stop());
    let outcomes: Vec<_> = lines.iter().map(outcome).collect();
    assert_eq!(outcomes, ["unavailable  "]);
    drop(sender);
}

/// More memory than an upload may take, however many rows it has: its channels and keys, and the
/// memory that the allocator keeps.
const MEMORY: u64 = 64 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded_for_a_hundred_thousand_rows_whose_answers_are_read_late() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::start_with(sandbox.amqp_url(), &[("RUST_LOG", "info")]).await;
    let before = intake.memory().resident;
    let (mut sender, mut answer) = begin(&intake, "large").await;
    let sent = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&sent);
    let row = format!("{{\"application\":\"{}\"}}\n", "x".repeat(300));
    let sending = tokio::spawn(async move {
        for _ in 0..101 {
            sender.send(&row.repeat(1000)).await;
            counter.fetch_add(1, Ordering::Relaxed);
        }
        sender
    });
    assert_eq!(answer.head().await.status, 202);
    // not read: the sender comes to a halt, since intake buffers nothing for it
    // a second without a chunk that is taken
    let mut looks = (0, 0);
    eventually(WITHIN, async || {
        let now = sent.load(Ordering::Relaxed);
        looks = (now, if now == looks.0 { looks.1 + 1 } else { 0 });
        now > 0 && looks.1 == 50
    })
    .await;
    assert!(!sending.is_finished());
    let mut count = 0;
    let last = loop {
        let line = answer.line().await.unwrap();
        count += 1;
        assert_eq!(line["row"], count);
        if count == 100_001 {
            break line;
        }
    };
    assert_eq!(outcome(&last), "too-many-rows  ");
    assert_eq!(answer.line().await, None);
    let grown = intake.memory().peak.saturating_sub(before);
    assert!(grown < MEMORY, "{grown} bytes more");
    drop(sending);
    all_ended(&intake).await;
}
