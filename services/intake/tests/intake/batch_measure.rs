//! What an upload costs.

#![allow(clippy::print_stdout, reason = "a measurement prints")]

use std::time::{Duration, Instant};

use sportello_testkit::Sandbox;

use crate::common::upload::{begin, row};
use crate::common::{Intake, person};

/// Measures rows a second, intake's memory for them, and how long a citizen waits meanwhile.
/// `cargo test --workspace --test intake measure -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measure_an_upload() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::start_with(sandbox.amqp_url(), &MEASURING).await;
    let alone = waits_of_a_citizen(&intake, 100).await;
    let before = intake.memory().resident;
    let (mut sender, mut answer) = begin(&intake, "measured").await;
    let began = Instant::now();
    let sending = tokio::spawn(async move {
        for number in 0..MEASURED {
            let row = row(&format!("k-{number}"), &person(number)) + "\n";
            sender.send(&row).await;
        }
        sender.end().await;
        // dropped only when all is answered: closing one direction ends the upload
        sender
    });
    assert_eq!(answer.head().await.status, 202);
    let (last, beside) = tokio::join!(
        async { answer.lines().await.pop().unwrap() },
        waits_of_a_citizen(&intake, 100)
    );
    let took = began.elapsed();
    drop(sending.await.unwrap());
    assert_eq!(last["batch"]["accepted"], MEASURED, "{last}");
    let grown = intake.memory().peak.saturating_sub(before) >> 10;
    let rows = u128::from(MEASURED) * 1000 / took.as_millis();
    println!("{MEASURED} rows in {took:?}: {rows} a second, {grown} KiB more at its peak");
    println!("a citizen waits, median and longest: alone {alone:?}, beside it {beside:?}");
}

const MEASURED: u64 = 20_000;
const MEASURING: [(&str, &str); 2] = [("RUST_LOG", "info"), ("CITIZEN_REQUESTS_PER_MINUTE", "100000")];

/// The median and the longest of a citizen's waits.
async fn waits_of_a_citizen(intake: &Intake, count: usize) -> [Duration; 2] {
    let citizen = person(1_000_000);
    let mut waits = Vec::new();
    for _ in 0..count {
        let began = Instant::now();
        let answer = intake.post(&citizen).send().await.unwrap();
        waits.push(began.elapsed());
        assert_eq!(answer.status(), 202);
    }
    waits.sort();
    [waits[count / 2], waits[count - 1]]
}
