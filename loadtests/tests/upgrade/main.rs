//! An update from an earlier revision, one process after the other, while citizens apply; and back.
//! No request fails, each receipt is on the register once, and the ledger adds up.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

mod office;
mod previous;

use sportello_stack::{Error, Part};

use office::{Office, SOME};

/// There is no release yet. Some of the migrations up to here take away what an earlier program
/// needs; every later one leaves it.
const LAST_CONTRACTION: i64 = 43;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of an earlier revision: cargo xtask test --upgrade REVISION"]
async fn an_update_and_its_way_back_fail_no_request() {
    let mut office = Office::open().await;
    let expands = office.newest_migration().await >= LAST_CONTRACTION;
    let load = office.begin_load();
    office.registers(SOME).await;

    a_new_worker_refuses_the_old_schema(&mut office).await;
    office.completes_the_topology(expands).await;
    // a new intake beside an old one, in front of an old worker
    office.updates(Part::Intake).await;
    office.registers(SOME).await;

    if expands {
        office.system.migrate().expect("the new schema");
        office.registers(SOME).await;
        office.reads().await;
        office.stops(Part::Worker(1)).await;
    } else {
        // neither an old worker nor an old status service knows the new schema
        for part in [Part::Worker(1), Part::Status, Part::SecondStatus] {
            office.stops(part).await;
        }
        office.system.migrate().expect("the new schema");
    }
    // what intakes of both revisions have stored drains in the new worker
    office.accepts(SOME).await;
    office.updates(Part::Worker(1)).await;
    office.registers(2 * SOME).await;
    for part in [Part::Status, Part::SecondStatus, Part::SecondIntake] {
        office.updates(part).await;
    }
    office.registers(SOME).await;
    office.reads().await;

    // back, and forward again
    office.goes_back(Part::Intake).await;
    office.registers(SOME).await;
    if expands {
        office.goes_back(Part::Worker(1)).await;
        office.goes_back(Part::Status).await;
        office.registers(SOME).await;
        office.reads().await;
        office.updates(Part::Status).await;
        office.updates(Part::Worker(1)).await;
    }
    office.updates(Part::Intake).await;
    office.registers(SOME).await;
    office.ends(load).await;
}

/// It ends at once, and says what to do.
async fn a_new_worker_refuses_the_old_schema(office: &mut Office) {
    if office.newest_migration().await == office::newest_known().await {
        return;
    }
    let started = office.system.start_part(Part::Worker(2)).await;
    let Err(Error::Ended { last_lines, .. }) = started else {
        panic!("{started:?}");
    };
    assert!(last_lines.contains("run `worker migrate`"), "{last_lines}");
    office.registers(SOME).await;
}
