//! Everything that may go wrong, in short: processes killed with `kill -9`, frozen and restarted while applications
//! arrive. Every application that got a 202 is registered exactly once, and the answers are as promised meanwhile.

use std::time::Duration;

use loadtests::faults::Fault;
use loadtests::laboratory::Laboratory;
use loadtests::open_loop::Schedule;
use loadtests::report::{FaultReport, table};

#[tokio::test]
async fn nothing_accepted_is_lost_or_registered_twice_whatever_goes_wrong() {
    let load = Schedule {
        rate: 1_000,
        duration: Duration::from_secs(6),
    };
    let seed = rand::random();
    let mut laboratory = Laboratory::start(seed, None).await.expect("a private system");
    let mut reports = Vec::new();
    for fault in Fault::all() {
        let report = laboratory.run(fault, load).await;
        reports.push(report.expect("what was done is undone"));
    }
    let table = table(&reports);
    println!("{table}");
    assert!(reports.iter().all(FaultReport::is_well), "seed {seed}\n{table}");
}
