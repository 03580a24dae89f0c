//! How fast a batch is registered: `cargo test --test store measure -- --ignored --nocapture`.

use std::time::Instant;

use crate::fixtures::{application, migrated, register};

const BATCHES: u32 = 40;
const BATCH: u32 = 500;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn measure_batches_of_new_persons() {
    let database = migrated().await;
    let mut times = Vec::new();
    for number in 0..BATCHES {
        let batch: Vec<_> = (number * BATCH..(number + 1) * BATCH).map(application).collect();
        let began = Instant::now();
        register(&database.store, &batch).await.unwrap();
        times.push(began.elapsed());
    }
    times.sort();
    let median = times[times.len() / 2];
    println!(
        "{:.0} applications a second by the median batch, {:.0} over all",
        f64::from(BATCH) / median.as_secs_f64(),
        f64::from(BATCH * BATCHES) / times.iter().sum::<std::time::Duration>().as_secs_f64()
    );
}
