//! Every query of dashboards and rules, asked of a real Prometheus while load runs.
//!
//! A panel must show something. A rule shows nothing while all is well, so each of its selectors
//! must find a series.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};
use promql_parser::parser::{Expr, VectorSelector, parse};
use promql_parser::util::{ExprVisitor, walk_expr};
use serde_json::Value;
use sportello_stack::{Monitoring, folders};
use tokio::time::sleep;

use crate::alerts::stage::Stage;

/// What finds nothing while all is well, and why: the beginning of a panel's query, or a selector.
const EMPTY_WHEN_WELL: [(&str, &str); 6] = [
    (
        "sportello_http_request_duration_seconds_count{http_response_status_code=~\"5..\",job=\"intake\"}",
        "no request has failed",
    ),
    ("sportello:intake_bad:ratio_rate5m", "no request has failed"),
    ("sportello:intake_bad:ratio_rate1h", "no request has failed"),
    ("sportello:intake_bad:ratio_rate6h", "no request has failed"),
    (
        "sum by (task) (rate(sportello_worker_retries_total[1m]))",
        "no worker has tried again",
    ),
    (
        "sum by (role) (rate(sportello_queue_reconnects_total[1m]))",
        "no connection has ended",
    ),
];
/// Rates need some scrapes.
const FOUND_WITHIN: Duration = Duration::from_secs(90);
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Checks all of them, and waits until each has found something.
///
/// # Errors
/// A query finds nothing although it is not among those that are empty while all is well, or is
/// refused.
pub(super) async fn check(stage: &Stage) -> anyhow::Result<()> {
    let mut queries = panels()?;
    for rule in stage.monitoring.rules().await? {
        queries.extend(selectors(&rule.query)?);
    }
    let is_empty_when_well = |query: &String| EMPTY_WHEN_WELL.iter().any(|(empty, _)| query == empty);
    queries.retain(|query| !is_empty_when_well(query));
    let begun = Instant::now();
    loop {
        let empty = empty(&stage.monitoring, &queries).await?;
        if empty.is_empty() {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < FOUND_WITHIN,
            "these find nothing under load: {empty:#?}"
        );
        queries = empty;
        sleep(BETWEEN_LOOKS).await;
    }
}

async fn empty(monitoring: &Monitoring, queries: &BTreeSet<String>) -> anyhow::Result<BTreeSet<String>> {
    let mut empty = BTreeSet::new();
    for query in queries {
        let values = monitoring.query(query).await.with_context(|| query.clone())?;
        if values.iter().all(|value| value.is_nan()) {
            empty.insert(query.clone());
        }
    }
    Ok(empty)
}

/// Returns the queries of all panels.
fn panels() -> anyhow::Result<BTreeSet<String>> {
    let folder = folders::workspace().join("deploy/observability/dashboards");
    let mut queries = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let dashboard: Value = serde_json::from_slice(&fs::read(entry?.path())?)?;
        let panels = dashboard["panels"].as_array().into_iter().flatten();
        let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
        queries.extend(targets.filter_map(|target| Some(target["expr"].as_str()?.to_owned())));
    }
    ensure!(!queries.is_empty(), "no dashboard has a query");
    Ok(queries)
}

/// Returns the selectors of a rule's expression, without ranges.
fn selectors(query: &str) -> anyhow::Result<BTreeSet<String>> {
    let expression = parse(query).map_err(|error| anyhow!("{query}: {error}"))?;
    let mut selectors = Selectors::default();
    let Ok(_) = walk_expr(&mut selectors, &expression);
    Ok(selectors.0)
}

#[derive(Default)]
struct Selectors(BTreeSet<String>);

impl Selectors {
    fn add(&mut self, selector: &VectorSelector) {
        let plain = VectorSelector {
            offset: None,
            at: None,
            ..selector.clone()
        };
        self.0.insert(plain.to_string());
    }
}

impl ExprVisitor for Selectors {
    type Error = Infallible;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, Infallible> {
        match expression {
            Expr::VectorSelector(selector) => self.add(selector),
            Expr::MatrixSelector(matrix) => self.add(&matrix.vs),
            Expr::Aggregate(_)
            | Expr::Unary(_)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_found_wherever_they_stand() {
        let query = "max by (a) (x{b=~\"c.\"} offset 10m) > 1 and rate(y[5m]) > 2 * 3";
        let found: Vec<String> = selectors(query).unwrap().into_iter().collect();
        assert_eq!(found, ["x{b=~\"c.\"}", "y"]);
    }

    #[test]
    fn dashboards_have_queries() {
        assert!(panels().unwrap().len() > 15);
    }
}
