//! What operators see, beside what is known outside: peak days in small, on a real system.

use loadtests::page;
use loadtests::scenario::run_report::RunReport;
use loadtests::scenario::{self, Options};

async fn run(scenario: &str) -> RunReport {
    let options = Options {
        scenario: scenario.to_owned(),
        seed: None,
        speed: 1.0,
        scale: 1.0,
        capacity: None,
        json: None,
        html: None,
        ledger: None,
    };
    let report = scenario::run(&options, |_| {}).await.unwrap();
    assert!(report.is_well(), "{}", page::text(&report));
    report
}

#[tokio::test]
async fn a_peak_day_is_shown_as_it_is_and_scaled_by_the_console() {
    let report = run("peak-day-short").await;
    let shown = report
        .seconds
        .iter()
        .filter_map(|second| second.operator.as_ref());
    let most = shown.filter_map(|operator| operator.running).max();
    assert!(most >= Some(2), "{most:?} workers ran");
    assert_eq!(report.sums.lost + report.sums.twice, 0);
}

#[tokio::test]
async fn workers_set_in_turn_lose_nothing_and_do_not_flap() {
    let report = run("workers-in-turn-short").await;
    let shown = report
        .seconds
        .iter()
        .filter_map(|second| second.operator.as_ref());
    let running: Vec<u16> = shown.filter_map(|operator| operator.running).collect();
    assert!(
        running.contains(&1) && running.contains(&3),
        "{running:?} workers ran"
    );
    assert_eq!(report.sums.lost + report.sums.twice, 0);
}

#[tokio::test]
async fn a_message_taken_by_hand_is_named_by_console_and_alert() {
    let report = run("taken-short").await;
    assert!(report.sums.taken > 0);
    assert_eq!(report.sums.lost, 0);
}
