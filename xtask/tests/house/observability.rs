//! Alerts and dashboards ask only for what the services emit, as docs/OPERATIONS.md lists it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use promql_parser::label::Matchers;
use promql_parser::parser::{Expr, parse};
use promql_parser::util::{ExprVisitor, walk_expr};
use serde_json::Value;

/// Labels of Prometheus itself.
const OF_PROMETHEUS: [&str; 3] = ["job", "instance", "le"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names of a listed metric in Prometheus, and its labels.
///
/// An item begins `sportello.part.what` (counter|gauge|histogram, s; `label`, `other`: `value`):
fn exposed(item: &str) -> Option<(Vec<String>, BTreeSet<String>)> {
    let (name, rest) = item.strip_prefix("- `")?.split_once('`')?;
    let (kind, _) = rest.trim_start().strip_prefix('(')?.split_once(')')?;
    let unit = |text: &str| {
        kind.split(';')
            .next()
            .unwrap()
            .split(',')
            .any(|one| one.trim() == text)
    };
    let mut base = name.replace('.', "_");
    if unit("s") {
        base.push_str("_seconds");
    } else if unit("bytes") && !base.ends_with("_bytes") {
        base.push_str("_bytes");
    }
    let names = match kind.split([',', ';']).next()?.trim() {
        "counter" => vec![format!("{base}_total")],
        "histogram" => ["_bucket", "_sum", "_count"]
            .map(|part| format!("{base}{part}"))
            .to_vec(),
        _ => vec![base],
    };
    let labels = kind.split('`').skip(1).step_by(2);
    Some((names, labels.map(|label| label.replace('.', "_")).collect()))
}

/// All listed metrics: name in Prometheus → labels (and their values, which do no harm).
fn listed(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let joined = page.replace("\n  ", " ");
    let sections: Vec<&str> = joined.split("\n### ").collect();
    let mut all = BTreeMap::new();
    for section in sections {
        // "Each has a `channel`" is said once for the ledger
        let each = section
            .contains("Each has a `channel`")
            .then(|| "channel".to_owned());
        for (names, mut labels) in section.lines().filter_map(exposed) {
            labels.extend(each.clone());
            all.extend(names.into_iter().map(|name| (name, labels.clone())));
        }
    }
    all
}

#[derive(Default)]
struct Asked(Vec<(String, BTreeSet<String>)>, BTreeSet<String>);

impl Asked {
    fn selector(&mut self, name: Option<&String>, matchers: &Matchers) {
        let labels = matchers
            .matchers
            .iter()
            .map(|matcher| matcher.name.clone())
            .collect();
        self.0.push((name.cloned().unwrap_or_default(), labels));
    }
}

impl ExprVisitor for Asked {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
        match expr {
            Expr::VectorSelector(one) => self.selector(one.name.as_ref(), &one.matchers),
            Expr::MatrixSelector(one) => self.selector(one.vs.name.as_ref(), &one.vs.matchers),
            Expr::Aggregate(one) => {
                let labels = one.modifier.iter().flat_map(|modifier| &modifier.labels().labels);
                self.1.extend(labels.cloned());
            }
            Expr::Unary(_)
            | Expr::Binary(_)
            | Expr::Paren(_)
            | Expr::Subquery(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::Call(_)
            | Expr::Extension(_) => {}
        }
        Ok(true)
    }
}

/// What is wrong with a query: a metric that no service emits, or a label that it has not.
fn wrong(query: &str, listed: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut asked = Asked::default();
    let Ok(_) = walk_expr(
        &mut asked,
        &parse(query).unwrap_or_else(|error| panic!("{query}: {error}")),
    );
    let Asked(selectors, grouped) = asked;
    let ours = selectors
        .into_iter()
        .filter(|(name, _)| name.starts_with("sportello_"));
    let mut wrong = Vec::new();
    for (name, labels) in ours {
        let Some(known) = listed.get(&name) else {
            wrong.push(format!("no service emits {name}: {query}"));
            continue;
        };
        for label in labels.union(&grouped) {
            if !known.contains(label) && !OF_PROMETHEUS.contains(&label.as_str()) {
                wrong.push(format!("{name} has no label {label}: {query}"));
            }
        }
    }
    wrong
}

fn strings_called(key: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.extend((name == key).then(|| value.as_str().unwrap().to_owned()));
                strings_called(key, value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| strings_called(key, item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn queries() -> Vec<String> {
    let folder = root().join("deploy/observability");
    let mut queries = Vec::new();
    for entry in fs::read_dir(folder.join("dashboards")).unwrap() {
        let text = fs::read(entry.unwrap().path()).unwrap();
        strings_called("expr", &serde_json::from_slice(&text).unwrap(), &mut queries);
    }
    assert!(queries.len() > 15, "{queries:?}");
    // the rules: `expr: one line`, or `expr: >-` and deeper lines
    let rules = fs::read_to_string(folder.join("alerts.yml")).unwrap();
    let before = queries.len();
    let mut lines = rules.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(query) = line.trim_start().strip_prefix("expr: ") else {
            continue;
        };
        if query != ">-" {
            queries.push(query.to_owned());
            continue;
        }
        let mut folded = String::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("          ")) {
            folded.push_str(line.trim_start());
            folded.push(' ');
        }
        queries.push(folded);
    }
    assert!(queries.len() > before + 20);
    queries.retain(|query| !query.contains("sportello:"));
    queries
}

fn operations() -> String {
    fs::read_to_string(root().join("docs/OPERATIONS.md")).unwrap()
}

#[test]
fn alerts_and_dashboards_ask_for_metrics_and_labels_that_exist() {
    let listed = listed(&operations());
    let wrong: Vec<String> = queries().iter().flat_map(|query| wrong(query, &listed)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_metric_or_a_label_with_another_name_would_be_found() {
    let other = operations().replace("sportello.ledger.lost_messages", "sportello.ledger.gone");
    let listed = listed(&other);
    assert!(queries().iter().any(|query| !wrong(query, &listed).is_empty()));
    let label = "sum by (colour) (sportello_queue_publishes_total)";
    assert_eq!(wrong(label, &listed).len(), 1);
}

#[test]
fn each_alert_stays_quiet_fires_and_resolves() {
    let folder = root().join("deploy/observability");
    let tested = fs::read_to_string(folder.join("alerts.test.yml")).unwrap();
    let rules = fs::read_to_string(folder.join("alerts.yml")).unwrap();
    for alert in rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
    {
        assert!(tested.contains(&format!("alertname: {alert}\n")), "{alert}");
    }
    for checked in [
        ["test", "rules", "alerts.test.yml"],
        ["check", "config", "prometheus.yml"],
    ] {
        succeeds(Command::new("promtool").args(checked));
    }
}

/// Runs a command in the folder of alerts.
fn succeeds(command: &mut Command) {
    let output = command.current_dir(root().join("deploy/observability")).output();
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn alertmanager_accepts_its_routes() {
    succeeds(Command::new("amtool").args(["check-config", "alertmanager.yml"]));
}

#[test]
fn each_alert_leads_to_its_place_in_the_runbook() {
    let rules = fs::read_to_string(root().join("deploy/observability/alerts.yml")).unwrap();
    let runbook = fs::read_to_string(root().join("docs/runbooks/alerts.md")).unwrap();
    let places: BTreeSet<&str> = runbook
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    let mut alerts = BTreeSet::new();
    for rule in rules.split("- alert: ").skip(1) {
        let alert = rule.lines().next().unwrap();
        let url = format!("runbook_url: docs/runbooks/alerts.md#{}\n", alert.to_lowercase());
        assert!(rule.contains(&url), "{alert}");
        alerts.insert(alert);
    }
    assert_eq!(places, alerts);
}
