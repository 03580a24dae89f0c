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
const LOAD_OF_A_CLUSTER: Duration = Duration::from_secs(90);
const BEFORE: Duration = Duration::from_millis(300);
const AFTER: Duration = Duration::from_millis(300);
/// Longer than intake waits for the broker (0.8 s): its answers are seen.
const LASTS: Duration = Duration::from_secs(1);

/// What is undone as soon as it is done need not last, but where the answers of just that time are
/// looked at.
fn trial(fault: &Fault) -> Trial {
    let is_over = fault.does.mends_itself() && fault.promise != Promise::AcceptedOrLater;
    // nodes of a cluster come back slowly, and the load must last until then
    let duration = if fault.needs_cluster() {
        LOAD_OF_A_CLUSTER
    } else {
        LOAD.duration
    };
    Trial {
        load: Schedule { duration, ..LOAD },
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
    let single = Fault::all().filter(|fault| !fault.needs_cluster());
    run(&mut laboratory, single, seed).await;
}

/// What strikes one node after another, or is like another of these for its clients, is left to
/// `loadtests matrix`.
const OF_A_CLUSTER: [&str; 6] = [
    "cluster-leader-killed",
    "cluster-leader-frozen",
    "cluster-leader-cut-off",
    "cluster-two-killed",
    "cluster-rolling-restart",
    "cluster-database-failover",
];

#[tokio::test]
async fn a_cluster_loses_nothing_when_its_nodes_are_lost() {
    let seed = rand::random();
    let laboratory = Laboratory::start_cluster(seed, None)
        .await
        .expect("a private system");
    let mut laboratory = laboratory.with_answers_within(ON_A_BUSY_MACHINE);
    let faults = OF_A_CLUSTER.map(|name| Fault::named(name).expect("a fault"));
    run(&mut laboratory, faults, seed).await;
}

#[expect(
    clippy::print_stdout,
    reason = "the table is worth reading when all is well, too"
)]
async fn run(laboratory: &mut Laboratory, faults: impl IntoIterator<Item = &'static Fault>, seed: u64) {
    let mut reports = Vec::new();
    for fault in faults {
        let report = laboratory.run(fault, trial(fault)).await;
        reports.push(report.expect("what was done is undone"));
    }
    let table = table(&reports);
    println!("{table}");
    assert!(reports.iter().all(FaultReport::is_well), "seed {seed}\n{table}");
}
