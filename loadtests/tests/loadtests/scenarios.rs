//! A scenario from its first arrival to its report, on a real system.

use std::collections::BTreeMap;

use loadtests::page;
use loadtests::scenario::run_report::{AnswerKind, RunReport};
use loadtests::scenario::{self, Options};

#[tokio::test]
async fn the_smoke_scenario_keeps_every_promise_and_its_report_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        scenario: "smoke".to_owned(),
        seed: Some(7),
        speed: 1.0,
        scale: 1.0,
        capacity: None,
        json: None,
        html: None,
        ledger: Some(folder.path().join("ledger.jsonl")),
    };
    let report = scenario::run(&options, |line| println!("{line}")).await.unwrap();
    println!("{}", page::text(&report));
    assert!(report.is_well(), "seed 7\n{}", page::text(&report));

    let written = serde_json::to_string(&report).unwrap();
    let report: RunReport = serde_json::from_str(&written).unwrap();
    // 4 in 100 are wrong on purpose, 5 in 100 of those accepted are sent once more
    assert_eq!((report.sums.attempted, report.sums.accepted), (700, 672));
    assert_eq!(report.sums.registered, 672);
    assert_eq!(report.answers[&AnswerKind::Refused], 28);
    let again = report.answers[&AnswerKind::AcceptedAgain];
    assert!((20..60).contains(&again), "{again}");
    assert_eq!(report.sums.receipts_checked, 672 + again);
    assert_eq!(report.sums.statuses_checked, 200);

    let mut answered: BTreeMap<AnswerKind, u64> = BTreeMap::new();
    for (kind, count) in report.seconds.iter().flat_map(|second| &second.answers) {
        *answered.entry(*kind).or_default() += u64::from(*count);
    }
    assert_eq!(answered, report.answers, "the seconds add up");
    for process in [
        "intake",
        "worker-1",
        "status",
        "postgres",
        "rabbitmq",
        "loadtests",
    ] {
        assert!(report.peak_memory_bytes[process] > 1_000_000, "{process}");
    }
    let last = report.seconds.iter().rev().find_map(|second| second.registered);
    assert!(last >= Some(672), "{last:?}");
    assert!(report.settled_after_s >= report.answered_after_s.min(5.0));
}
