//! Backup and restore: the database is lost under load, an older copy of the broker comes back, and
//! then both servers are lost at once. Each receipt that a citizen holds is on the register once.

#![allow(clippy::print_stdout, reason = "what took how long stands in docs/BACKUP.md")]

use std::ops::Range;
use std::time::{Duration, Instant};

use loadtests::http::open_loop::Schedule;
use loadtests::proof::register;
use sportello_ledger::read::ChannelLedger;
use sportello_stack::Part;
use sportello_testkit::eventually;

use commands::{Receiver, receipt_keys};
use office::{GRACE, Office, SOON};

mod commands;
mod office;

/// Few enough for a machine on which all servers share two cores with other tests.
const LOAD: Schedule = Schedule {
    rate: 300,
    duration: Duration::from_secs(14),
};
const SHORTER: Schedule = Schedule {
    rate: 300,
    duration: Duration::from_secs(8),
};
/// Applications registered before the backup begins, and between the backup and the loss.
const SOME: u64 = 300;
/// Applications that wait in the queues when both servers are lost.
const WAITING: Range<u64> = 100_000..100_300;

#[tokio::test(flavor = "multi_thread")]
async fn every_receipt_is_registered_once_after_a_restore() {
    let mut office = Office::open().await;
    let (registered, receiver) = the_database_is_lost_under_load(&mut office).await;
    let registered = an_older_broker_comes_back(&mut office, registered).await;
    both_servers_are_lost(&mut office, registered, receiver).await;
}

/// Backed up, destroyed and restored under load: nothing is missing, and no caller notices. Returns
/// how many are registered, and the receiver of the restored database's log.
async fn the_database_is_lost_under_load(office: &mut Office) -> (u64, Receiver) {
    let receiver = office.begins_a_log().await;
    let load = office.load(LOAD, LOAD.numbers(0));
    office.has_registered(SOME).await;
    let begun = Instant::now();
    office.commands.as_postgres("4. Copy the database, each night");
    let copied_after = begun.elapsed();
    office.commands.as_root("5. Copy the rest, each night");
    let copied = office.registered().await;
    office.has_registered(copied + SOME).await;

    let lost = Instant::now();
    office.loses_the_database(receiver).await;
    let receiver = office.begins_a_new_log().await;
    let restored_after = lost.elapsed();
    load.await.expect("the load");
    office.drains(LOAD.total()).await;
    println!(
        "copied in {copied_after:.1?}, restored in {restored_after:.1?} with {copied} of {} applications in the copy",
        LOAD.total()
    );
    office.no_request_failed();
    office.each_receipt_is_registered_once(LOAD.total()).await;
    is_whole_without_a_loss(&office.ledger().await);
    assert_eq!(lost_by_the_page(office), 0);
    (LOAD.total(), receiver)
}

/// A copy of the stopped node comes back after all in it was registered: everything in it is
/// delivered once more, and counts once. Returns how many are registered.
async fn an_older_broker_comes_back(office: &mut Office, registered: u64) -> u64 {
    office.stops_its_worker().await;
    let numbers = SHORTER.numbers(registered);
    let load = office.load(SHORTER, numbers.clone());
    eventually(SOON, async || office.ids(&numbers).len() as u64 > SOME).await;
    // requests go on: the spool takes them, or they are sent again
    office.system.rabbitmq().stop().await.expect("it stops");
    office.copies_the_broker("data", "data.copy");
    office.system.start_rabbitmq().await.expect("the broker");
    load.await.expect("the load");
    office.starts_its_worker().await;
    office.drains(numbers.end).await;
    let before = office.ledger().await;

    office.loses_the_broker().await;
    office.copies_the_broker("data.copy", "data");
    office.system.start_rabbitmq().await.expect("the older broker");
    let after = office.judged(|after| after.repeated > before.repeated).await;
    let repeated = after.repeated - before.repeated;
    println!("{repeated} applications were delivered once more by an older broker");
    assert!(repeated >= SOME, "{repeated}");
    is_whole_without_a_loss(&after);
    office.each_receipt_is_registered_once(numbers.end).await;
    numbers.end
}

/// The database is restored whole. What waited in the broker is lost, and the ledger says how much;
/// sent again with the same key it is registered under the id of the first receipt.
async fn both_servers_are_lost(office: &mut Office, registered: u64, receiver: Receiver) {
    office.commands.as_postgres("4. Copy the database, each night");
    office.commands.as_root("5. Copy the rest, each night");
    let published = office.receipt_keys().await;
    office.stops_its_worker().await;
    let first = office.sends_each_once(WAITING).await;

    office.loses_the_broker().await;
    office.loses_the_database(receiver).await;
    office.system.start_rabbitmq().await.expect("an empty broker");
    office.forgets_its_users().await;
    office.commands.as_root("7. Restore the broker");
    std::fs::remove_file(receipt_keys(&office.system)).expect("the keys go");
    office.commands.as_root("8. Restore keys and secrets");
    let _receiver = office.begins_a_new_log().await;
    office.starts_its_worker().await;

    let waited = WAITING.end - WAITING.start;
    let begun = Instant::now();
    let ledger = office.judged(|ledger| ledger.lost > 0).await;
    println!("the ledger named the loss after {:.1?}", begun.elapsed());
    assert_eq!(
        (ledger.lost, ledger.lost_unnamed_messages),
        (waited, 0),
        "{ledger:#?}"
    );
    assert_eq!(lost_by_the_page(office), waited);
    office.each_receipt_is_registered_once(registered).await;

    // with the keys of the backup
    let intake = office.system.process(Part::Intake);
    intake.terminate(GRACE).await.expect("it ends");
    office.system.start_part(Part::Intake).await.expect("intake");
    assert_eq!(office.receipt_keys().await, published);
    assert_eq!(office.sends_each_once(WAITING).await, first);
    office.drains(registered + waited).await;
    let mut database = register::connect(&office.system.database_url())
        .await
        .expect("the database");
    for id in first {
        assert!(
            register::has(&mut database, id).await.expect("the register"),
            "{id}"
        );
    }
    assert_eq!(office.ledger().await.lost, waited);
}

fn is_whole_without_a_loss(ledger: &ChannelLedger) {
    assert_eq!(ledger.suspects, [], "{ledger:#?}");
    assert_eq!((ledger.lost, ledger.lost_unnamed_messages), (0, 0), "{ledger:#?}");
}

/// The last column of the citizens' row, once the others add up.
fn lost_by_the_page(office: &Office) -> u64 {
    let printed = office.commands.as_postgres("9. See that nothing is missing");
    let row = printed.lines().find_map(|line| line.strip_prefix("citizen|"));
    let columns = row
        .expect("a row")
        .split('|')
        .map(|text| text.parse().expect("a number"));
    let [confirmed, settled, outstanding, lost] = columns.collect::<Vec<u64>>()[..] else {
        panic!("{printed}");
    };
    assert!(settled + outstanding + lost >= confirmed, "{printed}");
    lost
}
