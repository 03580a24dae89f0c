//! What a reader relies on in the page of a run, and in its summary for the terminal.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a failure here fails the test; the figures are invented"
)]

#[path = "page/opening_day.rs"]
mod opening_day;

use std::fs;
use std::path::Path;

use loadtests::page::{self, command};
use loadtests::scenario::run_report::{AnswerKind, Event, Promise, RunReport, Sums};
use opening_day::opening_day;
use serde_json::{Value, json};

const FIGURES: &str = r#"<script type="application/json" id="run">"#;

/// The text between the first of these and the next of those.
fn between<'a>(page: &'a str, begin: &str, end: &str) -> &'a str {
    page.split_once(begin).unwrap().1.split_once(end).unwrap().0
}

/// The figures that the page's script draws.
fn figures(page: &str) -> Value {
    serde_json::from_str(between(page, FIGURES, "</script>")).unwrap()
}

/// The page's verdict: its class, and what it says.
fn verdict(report: &RunReport) -> (String, String) {
    let page = page::html(report);
    let verdict = between(&page, r#"<p class="verdict "#, "</p>");
    let (class, sentence) = verdict.split_once(r#"" role="status">"#).unwrap();
    let title = between(&page, "<title>", "</title>");
    assert_eq!(title, format!("{}: {sentence}", report.scenario));
    (class.to_owned(), sentence.replace('\u{202f}', " "))
}

fn said(class: &str, sentence: &str) -> (String, String) {
    (class.to_owned(), sentence.to_owned())
}

fn broken(promise: &str) -> Promise {
    Promise {
        promise: promise.to_owned(),
        kept: false,
        detail: "3 of 5 350".to_owned(),
    }
}

#[test]
fn the_verdict_says_which_promise_was_broken_or_that_none_was() {
    let mut report = opening_day(60);
    let well = said("well", "Every promise was kept (5 promises).");
    assert_eq!(verdict(&report), well);

    report.promises.push(broken("nothing is registered twice"));
    let one = "1 of 6 promises was broken: nothing is registered twice.";
    assert_eq!(verdict(&report), said("broken", one));
    report.promises.push(broken("every receipt is good"));
    let two = "2 of 7 promises were broken: nothing is registered twice; every receipt is good.";
    assert_eq!(verdict(&report), said("broken", two));

    report.promises.clear();
    assert_eq!(verdict(&report), said("unknown", "No promise was checked."));
}

#[test]
fn sums_that_do_not_add_up_are_never_called_well() {
    let mut report = opening_day(60);
    report.sums = Sums {
        accepted: 5_350,
        registered: 5_347,
        ..Sums::default()
    };
    let missing = "The sums are wrong: 5 350 were accepted and 5 347 are accounted for.";
    assert_eq!(verdict(&report), said("broken", missing));
    report.sums.lost = 3;
    let lost = "The sums are wrong: 3 were lost and 0 registered twice.";
    assert_eq!(verdict(&report), said("broken", lost));
}

#[test]
fn the_page_holds_all_figures_and_the_names_of_answers() {
    let report = opening_day(900);
    let page = page::html(&report);
    assert!(page.contains(&serde_json::to_value(&report).unwrap().to_string()));
    let names = &figures(&page)["kinds"];
    assert_eq!(names[0], json!(["accepted", "accepted (202)"]));
    assert!(!page.contains("{{"), "a place of the template is not filled");
}

#[test]
fn names_are_text_wherever_they_come_from() {
    let mut report = opening_day(30);
    let name = "</script><script>alert(1)</script>&\"'<b><!--{{run}}";
    report.scenario = name.to_owned();
    report.description = name.to_owned();
    report.command = name.to_owned();
    report.machine.profile = name.to_owned();
    report.promises.push(broken(name));
    report.events.push(Event {
        at_s: 3.0,
        what: name.to_owned(),
    });
    let usage = report.seconds[3].processes["intake"];
    report.seconds[3].processes.insert(name.to_owned(), usage);
    report.peak_memory_bytes.insert(name.to_owned(), 1);
    let (page, plain) = (page::html(&report), page::html(&opening_day(30)));
    for mark in ["<script", "</script", "<b>", "<!--"] {
        assert_eq!(page.matches(mark).count(), plain.matches(mark).count(), "{mark}");
    }
    assert_eq!(figures(&page)["run"]["scenario"], name);
}

#[test]
fn the_page_asks_for_nothing_from_outside() {
    let page = page::html(&opening_day(60));
    assert!(page.contains("default-src 'none'"));
    for outside in [" src=", "href=\"http", "href=\"/", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn the_terminal_hears_the_same() {
    let mut report = opening_day(900);
    let text = page::text(&report).replace('\u{202f}', " ");
    assert!(text.starts_with("opening-day: Every promise was kept (5 promises).\n"));
    assert!((20..=35).contains(&text.lines().count()), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    for said in [
        "= registered ",
        "dead-lettered 2 + lost 0",
        "missed      intake's peak in MB: 212, should be ≤ 200",
    ] {
        assert!(text.contains(said), "{said:?} is not in\n{text}");
    }
    report.promises.push(broken("nothing is registered twice"));
    assert!(page::text(&report).contains("BROKEN      nothing is registered twice: 3 of 5 350\n"));
    for report in [RunReport::default(), opening_day(1)] {
        assert!(page::text(&report).lines().count() >= 10);
    }
}

#[test]
fn figures_of_an_earlier_run_become_a_page_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let figures = folder.path().join("run.json");
    fs::write(&figures, serde_json::to_vec(&opening_day(120)).unwrap()).unwrap();
    let printed = command::run(&command::Options::of(&figures)).unwrap();
    assert!(printed.contains("Every promise was kept"));
    let page = fs::read_to_string(folder.path().join("run.html")).unwrap();
    let report: RunReport = serde_json::from_slice(&fs::read(&figures).unwrap()).unwrap();
    assert_eq!(page, page::html(&report));
    fs::write(&figures, "[]").unwrap();
    let error = command::run(&command::Options::of(&figures)).unwrap_err();
    assert!(error.to_string().ends_with("run.json holds no figures of a run"));
}

/// For work on the page's design: writes what the tests invent into `target/tmp`.
#[test]
#[ignore = "writes pages to look at"]
fn pages_to_look_at() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut bad = opening_day(20_000);
    bad.promises.push(broken("nothing is registered twice"));
    bad.sums.twice = 3;
    bad.seconds[12_345].answers.insert(AnswerKind::Wrong, 40);
    for (name, report) in [
        ("opening-day", opening_day(900)),
        ("broken", bad),
        ("short", opening_day(1)),
        ("empty", RunReport::default()),
    ] {
        fs::write(folder.join(name).with_extension("html"), page::html(&report)).unwrap();
        fs::write(folder.join(name).with_extension("txt"), page::text(&report)).unwrap();
    }
}
