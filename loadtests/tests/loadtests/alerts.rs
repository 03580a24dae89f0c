//! Alerts in a real Prometheus and Alertmanager, by real faults: those that take seconds. All of
//! them: `cargo run --bin loadtests -- alerts`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a panic fails the test; the output tells of a trial that takes minutes"
)]

use std::collections::BTreeSet;

use loadtests::alerts::{self, Trial};
use sportello_stack::folders;

#[tokio::test]
#[ignore = "four minutes, with times that need a machine of its own"]
async fn queries_find_series_and_alerts_fire_and_resolve() {
    let trials: Vec<&Trial> = Trial::short().collect();
    let made = alerts::make(&trials, |line| println!("{line}")).await.unwrap();
    assert_eq!(made.wrong, [""; 0]);
    let expected: usize = trials.iter().map(|trial| trial.alerts.len()).sum();
    assert_eq!(made.seen.len(), expected);
}

#[test]
fn every_row_of_the_table_is_of_an_alert_and_its_trial() {
    let table = std::fs::read_to_string(folders::workspace().join("docs/alerts-table.md")).unwrap();
    let rows: BTreeSet<(&str, &str)> = table
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            let (alert, trial) = (cells.next()?, cells.next()?);
            Some((alert.split(' ').next()?, trial.trim_matches('`')))
        })
        .filter(|(alert, _)| !matches!(*alert, "alert" | "---"))
        .collect();
    let trials = Trial::all().flat_map(|trial| trial.alerts.iter().map(|one| (one.alert, trial.name)));
    let trials: BTreeSet<(&str, &str)> = trials.collect();
    assert!(
        rows.is_subset(&trials),
        "run `cargo run --bin loadtests -- alerts --markdown docs/alerts-table.md`"
    );
}
