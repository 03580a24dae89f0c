//! With 2,000 applications a second arriving: `kill -9` of a worker, of PostgreSQL, of intake and of RabbitMQ, each
//! restarted. Every application that got a 202 is registered exactly once, and nobody waits for an answer.

use std::time::Duration;

use loadtests::faults::{Fault, Laboratory};
use loadtests::open_loop::Schedule;
use loadtests::report::{FaultReport, table};

#[tokio::test]
async fn nothing_accepted_is_lost_or_registered_twice_whichever_part_is_killed() {
    let schedule = Schedule {
        rate: 2_000,
        duration: Duration::from_secs(8),
    };
    let seed = rand::random();
    let mut laboratory = Laboratory::start(schedule, seed, None)
        .await
        .expect("a private system");
    let mut reports = Vec::new();
    for fault in Fault::ALL {
        reports.push(laboratory.run(fault).await.expect("the part is started again"));
    }
    let table = table(&reports);
    println!("{table}");
    assert!(reports.iter().all(FaultReport::is_well), "seed {seed}\n{table}");
}
