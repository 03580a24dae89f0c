//! Everything that may go wrong, in short: processes killed with `kill -9`, frozen and restarted,
//! poison in the queue, a rolling restart, while applications arrive. Every application that got a
//! 202 is registered exactly once, and the answers are as promised meanwhile.

use std::time::Duration;

use loadtests::faults::Fault;
use loadtests::faults::laboratory::{Laboratory, Trial};
use loadtests::faults::report::{FaultReport, table};
use loadtests::http::open_loop::Schedule;
use loadtests::proof::promises::Promise;

/// Other tests may run beside it, and wait for the same cores.
const ON_A_BUSY_MACHINE: Duration = Duration::from_secs(4);

/// While people arrive: at most so many, where a fault is undone slowly, as with a broker that is
/// started. Few enough for a machine on which all servers share two cores with other tests: a `503`
/// is of the fault then. `loadtests matrix` sends 1,000 a second.
const LOAD: Schedule = Schedule {
    rate: 300,
    duration: Duration::from_secs(4),
};
const BEFORE: Duration = Duration::from_millis(300);
const AFTER: Duration = Duration::from_millis(300);
/// Longer than intake waits for the broker (0.8 s): its answers are seen.
const LASTS: Duration = Duration::from_secs(1);

/// What is undone as soon as it is done need not last, but where the answers of just that time are
/// looked at.
fn trial(fault: &Fault) -> Trial {
    let is_over = fault.does.mends_itself() && fault.promise != Promise::AcceptedOrLater;
    Trial {
        load: LOAD,
        begins: BEFORE,
        lasts: if is_over { Duration::ZERO } else { LASTS },
        after: AFTER,
    }
}

#[tokio::test]
async fn nothing_accepted_is_lost_or_registered_twice_whatever_goes_wrong() {
    let seed = rand::random();
    let laboratory = Laboratory::start(seed, None).await.expect("a private system");
    let mut laboratory = laboratory.with_answers_within(ON_A_BUSY_MACHINE);
    let mut reports = Vec::new();
    for fault in Fault::all() {
        let report = laboratory.run(fault, trial(fault)).await;
        reports.push(report.expect("what was done is undone"));
    }
    let table = table(&reports);
    println!("{table}");
    assert!(reports.iter().all(FaultReport::is_well), "seed {seed}\n{table}");
}
