//! Cost of keeping an item. `cargo test --test spool measure_ -- --ignored --nocapture`

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{item, open};

/// At the rate of a rush, and as fast as it goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
#[allow(clippy::too_many_lines, reason = "one measurement after the other")]
async fn measure_puts() {
    for rate in [100, 1_000, 5_000] {
        let folder = tempfile::tempdir_in(".").unwrap();
        let spool = open(folder.path());
        let count: u32 = rate * 5;
        let (begun, mut puts) = (tokio::time::Instant::now(), JoinSet::new());
        for number in 0..count {
            tokio::time::sleep_until(begun + Duration::from_secs(1) * number / rate).await;
            let (spool, due) = (spool.clone(), begun + Duration::from_secs(1) * number / rate);
            puts.spawn(async move {
                spool.put(item(number as usize)).await.unwrap();
                due.elapsed()
            });
        }
        let mut latencies = puts.join_all().await;
        latencies.sort_unstable();
        let at = |per_mille: usize| latencies[(latencies.len() - 1) * per_mille / 1_000];
        let file = std::fs::metadata(folder.path().join("spool.redb")).unwrap().len();
        println!(
            "{rate}/s: p50 {:?}, p99 {:?}, most {:?}; file {:.2} x the items",
            at(500),
            at(990),
            at(1_000),
            file as f64 / spool.holding().bytes as f64,
        );
    }
    let folder = tempfile::tempdir_in(".").unwrap();
    let spool = open(folder.path());
    let (begun, mut puts) = (Instant::now(), JoinSet::new());
    for worker in 0..512 {
        let spool = spool.clone();
        puts.spawn(async move {
            for number in 0..60 {
                spool.put(item(worker * 60 + number)).await.unwrap();
            }
        });
    }
    puts.join_all().await;
    let seconds = begun.elapsed().as_secs_f64();
    let file = std::fs::metadata(folder.path().join("spool.redb")).unwrap().len();
    println!(
        "512 at once: {:.0}/s; file {:.2} x the items",
        512.0 * 60.0 / seconds,
        file as f64 / spool.holding().bytes as f64
    );
    spool.close().await;
    let begun = Instant::now();
    let again = open(folder.path());
    println!("opening {} MiB: {:?}", file >> 20, begun.elapsed());
    let begun = Instant::now();
    let mut after = None;
    loop {
        let items = again.oldest(after, 64).await.unwrap();
        let Some(last) = items.last() else { break };
        after = Some(last.key);
        again
            .remove(items.iter().map(|item| item.key).collect())
            .await
            .unwrap();
    }
    println!(
        "removing 64 at once: {:.0}/s",
        512.0 * 60.0 / begun.elapsed().as_secs_f64()
    );
}
