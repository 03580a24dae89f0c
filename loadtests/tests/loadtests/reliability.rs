//! The table of what may go wrong has a row for everything that does.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use loadtests::faults::Fault;
use sportello_stack::folders;

#[test]
fn every_fault_has_a_row_in_the_table_and_every_row_is_a_fault() {
    let document = folders::workspace().join("docs/reliability-table.md");
    let text = std::fs::read_to_string(&document).expect("the document");
    let name = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    let (_, table) = text.split_once("## The table").expect("the table");
    let rows: BTreeSet<String> = table.lines().filter_map(name).collect();
    let faults = Fault::all().map(|fault| fault.name.to_owned()).collect();
    assert_eq!(
        rows, faults,
        "run `cargo run --bin loadtests -- matrix --markdown docs/reliability-table.md`"
    );
}
