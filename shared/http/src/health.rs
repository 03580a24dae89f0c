//! Whether the service lives, and whether it can work.

use std::future::Future;
use std::pin::Pin;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};
use sportello_identity::Verifier;
use sportello_telemetry::Metrics;

use crate::problem::Problem;

type Answer = Pin<Box<dyn Future<Output = Result<(), &'static str>>>>;

/// One thing that the service needs: its name, and whether it is there. The error is a fixed text.
pub struct Check {
    name: &'static str,
    ask: Box<dyn Fn() -> Answer + Send + Sync>,
}

impl Check {
    /// A check that asks anew each time.
    pub fn new<F>(name: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), &'static str>> + 'static,
    {
        Self {
            name,
            ask: Box::new(move || Box::pin(ask())),
        }
    }

    /// Whether the keys of at least one issuer are known.
    #[must_use]
    pub fn identity(verifier: &Data<Verifier>) -> Self {
        let verifier = verifier.clone();
        Self::new("identity", move || {
            let ready = verifier.ready();
            async move {
                if ready {
                    Ok(())
                } else {
                    Err("the keys of no issuer have been received yet")
                }
            }
        })
    }
}

/// The health pages of a service: `/livez`, `/readyz`, `/status` and `/metrics`.
#[derive(Clone)]
pub struct Health {
    checks: Data<Vec<Check>>,
    metrics: Option<Metrics>,
}

impl Health {
    /// Pages over these checks; without `metrics` the page for them is empty.
    #[must_use]
    pub fn new(checks: Vec<Check>, metrics: Option<Metrics>) -> Self {
        Self {
            checks: Data::new(checks),
            metrics,
        }
    }

    pub(crate) fn configure(&self, config: &mut ServiceConfig) {
        let metrics = self.metrics.clone();
        config
            .app_data(self.checks.clone())
            .route(
                "/livez",
                web::get().to(|| async { document("pass", Map::new(), true) }),
            )
            .route("/readyz", web::get().to(ready))
            .route("/status", web::get().to(status))
            .route("/metrics", web::get().to(move || page(metrics.clone())));
    }
}

/// `200` where everything is there, `503` otherwise: for whoever sends traffic here.
async fn ready(checks: Data<Vec<Check>>) -> HttpResponse {
    let (all, parts) = ask(&checks).await;
    document(if all { "pass" } else { "fail" }, parts, all)
}

/// Always `200`: the service can answer, and says how things stand (Italian interoperability model, `/status`).
async fn status(checks: Data<Vec<Check>>) -> HttpResponse {
    let (all, parts) = ask(&checks).await;
    document(if all { "pass" } else { "warn" }, parts, true)
}

async fn ask(checks: &[Check]) -> (bool, Map<String, Value>) {
    let mut parts = Map::new();
    let mut all = true;
    for check in checks {
        let answer = (check.ask)().await;
        all &= answer.is_ok();
        let part = match answer {
            Ok(()) => json!({ "status": "pass" }),
            Err(output) => json!({ "status": "fail", "output": output }),
        };
        parts.insert(check.name.into(), part);
    }
    (all, parts)
}

fn document(status: &str, checks: Map<String, Value>, good: bool) -> HttpResponse {
    let mut answer = if good {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    answer
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, "application/health+json"))
        .body(json!({ "status": status, "checks": checks }).to_string())
}

async fn page(metrics: Option<Metrics>) -> Result<HttpResponse, Problem> {
    let text = match metrics {
        Some(metrics) => metrics.render().map_err(|error| {
            tracing::error!(%error, "metrics can't be shown");
            Problem::Internal
        })?,
        None => String::new(),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4"))
        .body(text))
}
