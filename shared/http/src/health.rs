//! The health pages: whether the service runs, and whether it can work.

use std::collections::BTreeMap;
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, ServiceConfig};
use futures_util::future::join_all;
use opentelemetry::metrics::Gauge;
use opentelemetry::{KeyValue, global};
use serde::Serialize;
use serde_json::json;
use sportello_identity::Verifier;
use sportello_telemetry::Metrics;
use tokio::sync::Mutex;
use utoipa::{OpenApi, ToSchema};

use crate::endpoint;
use crate::problem::{Problem, PublicProblems};

/// The path of the public health page.
pub(crate) const STATUS: &str = "/status";

/// How long the result of the checks is reused.
const FRESH: Duration = Duration::from_secs(1);
/// Longest time of a check. The database behind it may be frozen.
const LONGEST: Duration = Duration::from_secs(2);

static STATES: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    global::meter("sportello.http")
        .u64_gauge("sportello.http.check")
        .with_description("state of each check of /status: 0 passes, 1 warns, 2 fails")
        .build()
});

type Answer = Pin<Box<dyn Future<Output = Result<(), &'static str>>>>;

/// One named check. Its error is a fixed text.
pub struct Check {
    name: &'static str,
    needed: bool,
    ask: Box<dyn Fn() -> Answer + Send + Sync>,
}

impl Check {
    /// Makes a check of something that the service can't work without. `ask` runs for each result.
    pub fn new<F>(name: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), &'static str>> + 'static,
    {
        Self {
            name,
            needed: true,
            ask: Box::new(move || Box::pin(ask())),
        }
    }

    /// Makes a check whose failure needs an operator while the service keeps working: `/status`
    /// warns, `/readyz` does not fail.
    pub fn warning<F>(name: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), &'static str>> + 'static,
    {
        Self {
            needed: false,
            ..Self::new(name, ask)
        }
    }

    /// Makes a check that passes while `is_well` returns true, and otherwise fails with this text.
    pub fn of(
        name: &'static str,
        severity: Severity,
        is_well: impl Fn() -> bool + Send + Sync + 'static,
        otherwise: &'static str,
    ) -> Self {
        Self::judged(name, severity, move || is_well().then_some(()).ok_or(otherwise))
    }

    /// Makes a check that fails with one of several texts.
    pub fn judged(
        name: &'static str,
        severity: Severity,
        judge: impl Fn() -> Result<(), &'static str> + Send + Sync + 'static,
    ) -> Self {
        let ask = move || future::ready(judge());
        match severity {
            Severity::Needed => Self::new(name, ask),
            Severity::Warning => Self::warning(name, ask),
        }
    }

    /// Makes the check that the keys of at least one issuer are known.
    #[must_use]
    pub fn identity(verifier: &Data<Verifier>) -> Self {
        let verifier = verifier.clone();
        Self::of(
            "identity",
            Severity::Needed,
            move || verifier.ready(),
            "no issuer's keys have been received yet",
        )
    }

    /// Makes the check that the keys of all issuers are known and fresh, so that `/status` warns
    /// before tokens are refused.
    #[must_use]
    pub fn issuer_keys(verifier: &Data<Verifier>) -> Self {
        let verifier = verifier.clone();
        Self::of(
            "issuer_keys",
            Severity::Warning,
            move || !verifier.needs_care(),
            "an issuer publishes no keys, or its keys could not be fetched for a day: see the log",
        )
    }
}

/// What a failed check means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The service can't do its work: `/readyz` fails.
    Needed,
    /// An operator must act, and the service keeps working: `/status` warns.
    Warning,
}

/// The health pages of a service: `/livez`, `/readyz`, `/status` and `/metrics`.
///
/// The checks run at most once a second, however many requests come, so the pages cost next to
/// nothing.
#[derive(Clone)]
pub struct Health(Data<Pages>);

struct Pages {
    checks: Vec<Check>,
    metrics: Option<Metrics>,
    found: Shared<Found>,
    rendered: Shared<Result<String, Problem>>,
}

impl Health {
    /// Makes the pages for these checks; without `metrics` the page `/metrics` is empty.
    #[must_use]
    pub fn new(checks: Vec<Check>, metrics: Option<Metrics>) -> Self {
        Self(Data::new(Pages {
            checks,
            metrics,
            found: Shared::default(),
            rendered: Shared::default(),
        }))
    }

    /// Adds the page for callers: `/status`, as the Italian interoperability model defines it.
    pub(crate) fn configure_public(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.0.clone())
            .service(endpoint::get(STATUS, status));
    }

    /// Adds all pages, for the internal address.
    pub(crate) fn configure_internal(&self, config: &mut ServiceConfig) {
        self.configure_public(config);
        config
            .service(endpoint::get("/livez", live))
            .service(endpoint::get("/readyz", ready))
            .service(endpoint::get("/metrics", metrics));
    }
}

impl Pages {
    async fn found(&self) -> Arc<Found> {
        self.found.get(async || ask(&self.checks).await).await
    }

    async fn rendered(&self) -> Arc<Result<String, Problem>> {
        let render = async || {
            let text = self.metrics.as_ref().map(Metrics::render).transpose();
            text.map(Option::unwrap_or_default).map_err(|error| {
                tracing::error!(%error, "cannot render the metrics");
                Problem::Internal
            })
        };
        self.rendered.get(render).await
    }
}

/// A result that all requests within a second share: one computes it, the others wait for it.
struct Shared<T>(Mutex<Option<(Instant, Arc<T>)>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Shared<T> {
    async fn get(&self, find: impl AsyncFnOnce() -> T) -> Arc<T> {
        let mut last = self.0.lock().await;
        if let Some((_, known)) = last.as_ref().filter(|(when, _)| when.elapsed() < FRESH) {
            return Arc::clone(known);
        }
        let found = Arc::new(find().await);
        *last = Some((Instant::now(), Arc::clone(&found)));
        found
    }
}

/// The health pages in the OpenAPI documents.
#[derive(OpenApi)]
#[openapi(paths(status))]
pub(crate) struct HealthApi;

/// The state of the service. It has the form of a problem document even where all is well
/// (`/status` of the Italian interoperability model).
#[derive(Serialize, ToSchema)]
#[schema(as = Health, example = json!(Found::default().document(StatusCode::OK)))]
struct HealthDocument {
    /// Always `about:blank`.
    #[schema(format = "uri-reference", max_length = 64)]
    r#type: &'static str,
    /// The status in words.
    #[schema(max_length = 64, pattern = "^[A-Za-z ]+$")]
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 200, maximum = 599)]
    status: u16,
    /// The state of the service, in words.
    #[schema(max_length = 200, pattern = "^.+$")]
    detail: &'static str,
    /// The state of the service, for programs.
    health: State,
    /// The checks, by name.
    checks: BTreeMap<&'static str, CheckResult>,
}

/// One check.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Check)]
struct CheckResult {
    /// `fail`: the service can't work without it. `warn`: the service works, but an operator must
    /// act.
    status: State,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, pattern = "^.+$")]
    output: Option<&'static str>,
}

/// The result of a check.
// the worst comes last
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = HealthState)]
#[serde(rename_all = "snake_case")]
enum State {
    #[default]
    Pass,
    Warn,
    Fail,
}

/// Answers `200` as long as the process answers at all; runs no checks.
async fn live() -> HttpResponse {
    Found::default().answer(StatusCode::OK)
}

/// Answers `200` if everything needed is available, `503` otherwise, for load balancers.
async fn ready(pages: Data<Pages>) -> HttpResponse {
    let found = pages.found().await;
    found.answer(match found.health() {
        State::Fail => StatusCode::SERVICE_UNAVAILABLE,
        State::Pass | State::Warn => StatusCode::OK,
    })
}

/// Shows the state of the service.
///
/// Answers `200` as long as the service runs; `checks` shows what is missing or needs attention.
/// The checks run at most once a second.
#[utoipa::path(get, path = "/status", operation_id = "check_status", tag = "health", security(()), responses(
    (
        status = 200, description = "The state of the service", body = HealthDocument,
        content_type = "application/problem+json"
    ),
    PublicProblems,
))]
async fn status(pages: Data<Pages>) -> HttpResponse {
    pages.found().await.answer(StatusCode::OK)
}

/// Shows the numbers, without waiting for checks: their states are those of the look before.
async fn metrics(pages: Data<Pages>) -> Result<HttpResponse, Problem> {
    let looking = pages.clone();
    actix_web::rt::spawn(async move { looking.found().await.report() });
    let text = pages.rendered().await.as_ref().clone()?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4"))
        .body(text))
}

/// Runs all checks at once. One that does not answer in time fails where it is needed; a warning
/// that can't be judged passes.
async fn ask(checks: &[Check]) -> Found {
    let judged = checks.iter().map(|check| async move {
        let answer = tokio::time::timeout(LONGEST, (check.ask)()).await;
        let output = match answer {
            Ok(answer) => answer.err(),
            Err(_) => check.needed.then_some("no answer within two seconds"),
        };
        let status = match output {
            None => State::Pass,
            Some(_) if check.needed => State::Fail,
            Some(_) => State::Warn,
        };
        (check.name, CheckResult { status, output })
    });
    Found {
        checks: join_all(judged).await.into_iter().collect(),
    }
}

/// The results of the checks.
#[derive(Default)]
struct Found {
    checks: BTreeMap<&'static str, CheckResult>,
}

impl Found {
    /// Puts the results into the metrics.
    fn report(&self) {
        for (name, check) in &self.checks {
            let state = match check.status {
                State::Pass => 0,
                State::Warn => 1,
                State::Fail => 2,
            };
            STATES.record(state, &[KeyValue::new("check", *name)]);
        }
    }

    /// Returns the worst result.
    fn health(&self) -> State {
        let states = self.checks.values().map(|check| check.status);
        states.max().unwrap_or_default()
    }

    fn document(&self, status: StatusCode) -> HealthDocument {
        let health = self.health();
        HealthDocument {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: match health {
                State::Pass => "all is well",
                State::Warn => "something needs attention: see checks",
                State::Fail => "something that the service needs is missing: see checks",
            },
            health,
            checks: self.checks.clone(),
        }
    }

    fn answer(&self, status: StatusCode) -> HttpResponse {
        HttpResponse::build(status)
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_TYPE, "application/problem+json"))
            .body(json!(self.document(status)).to_string())
    }
}

#[cfg(test)]
mod tests;
