//! What a reader relies on in the page of a run, and in its summary for the terminal.

#![allow(
    clippy::panic,
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
use roxmltree::{Document, Node};

/// The page's body, read as strictly as XML is read: a tag left open or a character not escaped is
/// an error.
fn body(page: &str) -> &str {
    let begin = page.find("<body>").unwrap();
    &page[begin..page.find("</html>").unwrap()]
}

fn text_of(node: Node<'_, '_>) -> String {
    node.descendants()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
        .collect()
}

fn with_class<'a>(document: &'a Document<'a>, class: &str) -> Vec<Node<'a, 'a>> {
    let has = |node: &Node<'_, '_>| {
        node.attribute("class")
            .is_some_and(|classes| classes.split(' ').any(|one| one == class))
    };
    document.descendants().filter(has).collect()
}

/// The page's verdict: its class, and what it says.
fn verdict(report: &RunReport) -> (String, String) {
    let page = page::html(report);
    let document = Document::parse(body(&page)).unwrap();
    let [verdict] = with_class(&document, "verdict")[..] else {
        panic!("one verdict");
    };
    (verdict.attribute("class").unwrap().to_owned(), text_of(verdict))
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
    let (class, sentence) = verdict(&report);
    assert_eq!(class, "verdict well");
    assert_eq!(sentence, "✓Every promise was kept (5 promises).");

    report.promises.push(broken("nothing is registered twice"));
    let (class, sentence) = verdict(&report);
    assert_eq!(class, "verdict broken");
    assert_eq!(
        sentence,
        "✗1 of 6 promises was broken: nothing is registered twice."
    );
    report.promises.push(broken("every receipt is good"));
    assert_eq!(
        verdict(&report).1,
        "✗2 of 7 promises were broken: nothing is registered twice; every receipt is good."
    );

    report.promises.clear();
    assert_eq!(
        verdict(&report),
        (
            "verdict unknown".to_owned(),
            "?No promise was checked.".to_owned()
        )
    );
}

#[test]
fn sums_that_do_not_add_up_are_never_called_well() {
    let mut report = opening_day(60);
    report.sums = Sums {
        accepted: 5_350,
        registered: 5_347,
        ..Sums::default()
    };
    let (class, sentence) = verdict(&report);
    assert_eq!(class, "verdict broken");
    let sentence = sentence.replace('\u{202f}', "_");
    assert_eq!(
        sentence,
        "✗The sums are wrong: 5_350 were accepted and 5_347 are accounted for."
    );
    assert!(page::html(&report).contains("<i>≠</i>"));
    report.sums.lost = 3;
    let (class, sentence) = verdict(&report);
    assert_eq!(class, "verdict broken");
    assert_eq!(
        sentence,
        "✗The sums are wrong: 3 were lost and 0 registered twice."
    );
}

#[test]
fn the_sum_is_there_with_all_its_terms() {
    let report = opening_day(900);
    let page = page::html(&report);
    let document = Document::parse(body(&page)).unwrap();
    let [sum] = with_class(&document, "sum")[..] else {
        panic!("one sum");
    };
    let digits = text_of(sum).replace('\u{202f}', "");
    let Sums {
        accepted, registered, ..
    } = report.sums;
    assert_eq!(
        digits,
        format!("{accepted}accepted={registered}registered+2dead-lettered+0lost")
    );
}

#[test]
fn every_plot_has_a_title_words_and_figures_and_the_events() {
    let page = page::html(&opening_day(900));
    let document = Document::parse(body(&page)).unwrap();
    let plots = with_class(&document, "plot");
    let ids: Vec<_> = plots.iter().filter_map(|plot| plot.attribute("id")).collect();
    assert_eq!(
        ids,
        [
            "arrivals", "latency", "settling", "backlog", "spool", "cores", "memory"
        ]
    );
    for plot in plots {
        let find = |name: &str| plot.descendants().find(|node| node.has_tag_name(name)).unwrap();
        let svg = plot
            .descendants()
            .find(|node| node.tag_name().name() == "svg")
            .unwrap();
        for attribute in ["aria-labelledby", "aria-describedby"] {
            let id = svg.attribute(attribute).unwrap();
            let named = document
                .descendants()
                .find(|node| node.attribute("id") == Some(id));
            assert!(!text_of(named.unwrap()).is_empty(), "{id} says nothing");
        }
        let rows = find("tbody").children().filter(Node::is_element).count();
        assert!((30..=60).contains(&rows), "{rows} rows can't be read");
        let marks = plot
            .descendants()
            .filter(|node| matches!(node.attribute("class"), Some("mark" | "flag")));
        // four lines; the labels of the last two stand too near to each other
        assert_eq!(marks.count(), 4 + 3);
    }
}

#[test]
fn hours_are_drawn_in_few_points_and_no_peak_goes_away() {
    let mut report = opening_day(20_000);
    let second = &mut report.seconds[12_345];
    second.latency.as_mut().unwrap().max_ms = 76_543.0;
    second.backlog_messages = Some(98_765_432);
    second.answers.insert(AnswerKind::Wrong, 1);
    let page = page::html(&report);
    assert!(page.len() < 900_000, "{} bytes", page.len());
    let page = page.replace('\u{202f}', "");
    for seen in ["1min17s", "98765432", "wronganswer", "3:25:45"] {
        assert!(page.replace(' ', "").contains(seen), "{seen} is not shown");
    }
    let document = Document::parse(body(&page)).unwrap();
    let stripes = with_class(&document, "stripes");
    let seen = stripes.iter().filter_map(|path| path.attribute("d"));
    assert_eq!(
        seen.count(),
        3,
        "what must not be is striped: one wrong answer of millions too"
    );
}

#[test]
fn names_are_text_wherever_they_come_from() {
    let mut report = opening_day(30);
    let name = "</script><script>alert(1)</script>&\"'<b>";
    report.scenario = name.to_owned();
    report.description = name.to_owned();
    report.machine.profile = name.to_owned();
    report.promises.push(broken(name));
    report.events.push(Event {
        at_s: 3.0,
        what: name.to_owned(),
    });
    let mut intruder = report.seconds[3].clone();
    let usage = intruder.processes["intake"];
    intruder.processes.insert(name.to_owned(), usage);
    report.seconds[3] = intruder;
    report.peak_memory_bytes.insert(name.to_owned(), 1);
    let page = page::html(&report);
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    let document = Document::parse(body(&page)).unwrap();
    assert!(
        !document
            .descendants()
            .any(|node| node.has_tag_name("b") && node.text() == Some(""))
    );
    assert!(text_of(document.root()).contains(name));
}

#[test]
fn the_page_asks_for_nothing_from_outside() {
    let page = page::html(&opening_day(60));
    let document = Document::parse(body(&page)).unwrap();
    let outside = document
        .descendants()
        .flat_map(|node| node.attributes())
        .filter(|attribute| {
            ["href", "src", "srcset", "action"].contains(&attribute.name())
                && !attribute.value().starts_with('#')
        });
    assert_eq!(outside.count(), 0);
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("@import") && !page.contains("url(http"));
}

#[test]
fn the_shortest_the_emptiest_and_those_with_gaps_are_drawn_too() {
    let mut gaps = opening_day(300);
    for second in gaps.seconds.iter_mut().step_by(3) {
        second.latency = None;
        second.backlog_messages = None;
        second.registered = None;
        second.processes.clear();
    }
    let mut blind = opening_day(20);
    for second in &mut blind.seconds {
        second.answers.clear();
        second.latency = None;
        second.backlog_messages = None;
        second.registered = None;
        second.spooled = None;
        second.processes.clear();
    }
    for report in [RunReport::default(), opening_day(1), opening_day(2), gaps, blind] {
        let page = page::html(&report);
        Document::parse(body(&page)).unwrap();
        for wrong in ["NaN", "inf", "-0."] {
            assert!(
                !body(&page).contains(wrong),
                "{wrong} in a page of {} seconds",
                report.seconds.len()
            );
        }
        assert!(page::text(&report).lines().count() >= 10);
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
}

#[test]
fn figures_of_an_earlier_run_become_a_page_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let figures = folder.path().join("run.json");
    fs::write(&figures, serde_json::to_vec(&opening_day(120)).unwrap()).unwrap();
    let told = command::run(&command::Options::of(&figures)).unwrap();
    assert!(told.contains("Every promise was kept"));
    let page = fs::read_to_string(folder.path().join("run.html")).unwrap();
    Document::parse(body(&page)).unwrap();
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
