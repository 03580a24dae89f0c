//! Plans of committed figures.

use std::collections::BTreeMap;

use clap::Parser;

use super::*;
use crate::scenario::run_report::{Machine, Second, Sums, Usage};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

fn options(words: &str) -> Options {
    let words = ["plan"].into_iter().chain(words.split_whitespace());
    Cli::try_parse_from(words).expect("the options are there").options
}

fn made(words: &str) -> Plan {
    plan(&options(words)).expect("the plan can be made")
}

fn refused(words: &str) -> String {
    format!("{:#}", plan(&options(words)).expect_err("the plan is refused"))
}

/// The plan without narrow spaces, which no eye tells from others.
fn plain(plan: &Plan) -> String {
    text::text(plan).replace('\u{202f}', " ")
}

#[test]
fn a_town_fits_one_machine() {
    insta::assert_snapshot!(plain(&made("--people 100000 --copies 1 --machine-cores 4")));
}

#[test]
fn a_country_has_a_plan() {
    insta::assert_snapshot!(plain(&made("--people 5350000")));
}

#[test]
fn fifty_million_have_a_plan() {
    insta::assert_snapshot!(plain(&made("--people 50000000")));
}

#[test]
fn more_people_never_need_less() {
    let plans = [
        "10000",
        "100000",
        "1000000",
        "5350000",
        "20000000",
        "50000000",
        "200000000",
    ]
    .map(|people| made(&format!("--people {people}")));
    let grows = |of: fn(&Plan) -> f64| {
        let values: Vec<f64> = plans.iter().map(of).collect();
        assert!(values.is_sorted(), "{values:?}");
    };
    grows(|plan| plan.peak_applications);
    grows(|plan| plan.intakes.into());
    grows(|plan| plan.workers.into());
    grows(|plan| plan.database.cores.into());
    grows(|plan| plan.database.disk);
    grows(|plan| plan.database.log_bytes);
    grows(|plan| plan.broker.disk_without_database);
    grows(|plan| plan.drain.needed);
}

#[test]
fn less_time_never_needs_less() {
    let plans = ["14:00", "12:00", "10:00", "09:00", "08:00", "07:30"]
        .map(|by| made(&format!("--people 50000000 --registered-by {by}")));
    assert!(plans.is_sorted_by(|one, next| one.drain.needed <= next.drain.needed));
    assert!(plans.is_sorted_by(|one, next| one.database.cores <= next.database.cores));
}

#[test]
fn every_plan_keeps_its_own_limits() {
    for people in ["1", "100000", "5350000", "50000000"] {
        let plan = made(&format!("--people {people}"));
        let drain = &plan.drain;
        assert!(drain.planned >= drain.needed * 1.2, "{people}");
        assert!(drain.done_s <= drain.deadline_s, "{people}: {}", drain.done_s);
        assert!(drain.most_messages <= 3e6, "{people}: {}", drain.most_messages);
        assert!(plan.broker.leader_messages <= 5_000.0, "{people}");
        assert!(!plan.points.is_empty() && plan.points.len() <= 601, "{people}");
    }
}

#[test]
fn small_intakes_unpack_messages_and_large_ones_pack_them() {
    let of = |cores: u32| made(&format!("--people 500000000 --machine-cores {cores}")).broker;
    let (small, large) = (of(1), of(16));
    assert!(small.applications_each < large.applications_each);
    assert!(small.peak_messages > large.peak_messages && small.all_messages >= large.all_messages);
}

#[test]
fn a_rush_of_single_messages_gets_more_queues() {
    let plan = made("--people 500000000 --machine-cores 1 --peak-factor 6");
    assert!(plan.broker.shards > 1, "{}", plan.broker.shards);
    assert!(plan.warnings.iter().any(|warning| warning.contains("queues")));
}

#[test]
fn what_is_out_of_bounds_is_named_all_in_one_go() {
    let errors = [
        "--people 0 --rush-share 1.5 --peak-factor 0.5 --hours 0 --copies 0 --machine-cores 0",
        "--opens 01:00 --hours 7.5 --registered-by 08:00",
        "--hours 2 --rush-minutes 120",
    ];
    insta::assert_snapshot!(errors.map(refused).join("\n"));
    assert!(Cli::try_parse_from(["plan", "--registered-by", "eight"]).is_err());
    assert!(Cli::try_parse_from(["plan", "--people", "-5"]).is_err());
}

#[test]
fn not_a_number_is_refused() {
    for option in ["--hours", "--rush-share", "--applications-each", "--peak-factor"] {
        let error = refused(&format!("{option} NaN"));
        assert!(error.contains(option), "{error}");
    }
}

#[test]
fn a_deadline_past_midnight_is_on_the_next_day() {
    let deadline_h = |words: &str| options(words).deadline_s() / HOUR;
    assert!((deadline_h("--opens 20:00 --registered-by 08:00") - 12.0).abs() < 1e-9);
    assert!((deadline_h("--opens 08:00 --registered-by 08:00") - 24.0).abs() < 1e-9);
}

#[test]
fn the_page_has_the_figures_and_nothing_from_outside() {
    let page = page::html(&made("--people 100000"));
    assert!(page.contains("<title>100\u{202f}000 applications from 00:00 on, registered by 08:00</title>"));
    let figures = page
        .split_once(r#"id="plan">"#)
        .unwrap()
        .1
        .split_once("</script>")
        .unwrap()
        .0;
    let figures: serde_json::Value = serde_json::from_str(figures).unwrap();
    assert!(figures["points"].as_array().unwrap().len() > 100);
    assert!(!page.contains("{{") && !page.contains("src="));
}

#[test]
fn the_files_hold_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let [json, html] = ["plan.json", "plan.html"].map(|name| folder.path().join(name));
    let words = format!(
        "--people 100000 --json {} --html {}",
        json.display(),
        html.display()
    );
    let text = run(&options(&words)).unwrap();
    assert!(text.contains("the page is "));
    let json: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!(json["asked"]["people"], 100_000);
    assert!(json["points"][0]["arrivals"].as_f64().unwrap() > 0.0);
    assert!(fs::read_to_string(html).unwrap().starts_with("<!DOCTYPE html>"));
}

/// A run of ten seconds on two cores, busy with these cores of each process.
fn run_of(processes: &[(&str, f64)], accepted: u64) -> RunReport {
    let usage = |(name, cores): &(&str, f64)| {
        let usage = Usage {
            cores: *cores,
            memory_bytes: 0,
        };
        ((*name).to_owned(), usage)
    };
    let second = Second {
        processes: processes.iter().map(usage).collect::<BTreeMap<_, _>>(),
        ..Second::default()
    };
    RunReport {
        scenario: "audience".to_owned(),
        seconds: vec![second; 10],
        settled_after_s: 10.0,
        machine: Machine {
            cores: 2,
            ..Machine::default()
        },
        sums: Sums {
            accepted,
            ..Sums::default()
        },
        ..RunReport::default()
    }
}

#[test]
fn the_check_counts_each_process_of_the_run() {
    let (costs, growth) = (Costs::read(None).unwrap(), Growth::read(None).unwrap());
    let report = run_of(
        &[
            ("intake", 0.5),
            ("worker-1", 0.1),
            ("worker-2", 0.1),
            ("rabbitmq", 0.2),
            ("postgres", 0.6),
            ("loadtests", 0.1),
        ],
        100_000,
    );
    let check = Check::of(&report, &costs, &growth).unwrap();
    let measured: Vec<String> = check
        .compared
        .iter()
        .map(|one| format!("{} {:.1}", one.name, one.measured))
        .collect();
    assert_eq!(
        measured,
        [
            "intake, µs an application 50.0",
            "broker 20.0",
            "worker 20.0",
            "PostgreSQL 60.0",
            "the system together 150.0",
            "cores busy, % 80.0",
            "seconds until all are registered 10.0",
        ]
    );
    let first = &check.compared[0];
    let expected = (first.predicted / 50.0 - 1.0) * 100.0;
    assert!((first.deviation_percent - expected).abs() < 1e-9);
    assert!(check.text().contains("predicted"));
}

#[test]
fn only_a_run_of_audience_that_measured_can_be_checked() {
    let (costs, growth) = (Costs::read(None).unwrap(), Growth::read(None).unwrap());
    let error = |report: RunReport| Check::of(&report, &costs, &growth).unwrap_err().to_string();
    let mut other = run_of(&[("intake", 1.0)], 10);
    other.scenario = "flood".to_owned();
    assert!(error(other).contains("`flood`"));
    assert!(error(run_of(&[("intake", 1.0)], 0)).contains("accepted nothing"));
    assert!(error(run_of(&[("intake", 1.0)], 10)).contains("no processor time of `broker`"));
}
