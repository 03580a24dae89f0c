//! Whether the service lives, and whether it can work.

use std::future::Future;
use std::pin::Pin;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use serde_json::{Map, Value, json};
use sportello_identity::Verifier;
use sportello_telemetry::Metrics;

use crate::problem::Problem;

type Answer = Pin<Box<dyn Future<Output = Result<(), &'static str>>>>;

/// One thing to look at: its name, and whether it is well. The error is a fixed text.
pub struct Check {
    name: &'static str,
    needed: bool,
    ask: Box<dyn Fn() -> Answer + Send + Sync>,
}

impl Check {
    /// Something that the service can't work without; asked anew each time.
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

    /// Something that somebody must look after while the service goes on working: `/status` shows it, `/readyz`
    /// never fails by it.
    pub fn warning<F>(name: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), &'static str>> + 'static,
    {
        Self {
            needed: false,
            ..Self::new(name, ask)
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
            .route("/livez", web::get().to(live))
            .route("/readyz", web::get().to(ready))
            .route("/status", web::get().to(status))
            .route("/metrics", web::get().to(move || page(metrics.clone())));
    }
}

/// `200` as long as the process answers.
async fn live() -> HttpResponse {
    health(true, &Found::default())
}

/// `200` where everything needed is there, `503` otherwise: for whoever sends traffic here.
async fn ready(checks: Data<Vec<Check>>) -> HttpResponse {
    let found = ask(&checks).await;
    health(!found.missing, &found)
}

/// Always `200`: the service can answer, and says how things stand, as a problem document that is none
/// (`/status` of the Italian interoperability model).
async fn status(checks: Data<Vec<Check>>) -> HttpResponse {
    let found = ask(&checks).await;
    let detail = if found.all_well() {
        "all is well"
    } else {
        "something needs looking after: see checks"
    };
    let document = json!({
        "type": "about:blank",
        "title": "OK",
        "status": 200,
        "detail": detail,
        "health": if found.all_well() { "pass" } else { "warn" },
        "checks": found.parts,
    });
    answer(HttpResponse::Ok(), "application/problem+json", &document)
}

/// What the checks found.
#[derive(Default)]
struct Found {
    /// Something that the service can't work without.
    missing: bool,
    /// Something that it can work without.
    warned: bool,
    parts: Map<String, Value>,
}

impl Found {
    fn all_well(&self) -> bool {
        !self.missing && !self.warned
    }
}

async fn ask(checks: &[Check]) -> Found {
    let mut found = Found::default();
    for check in checks {
        let part = match (check.ask)().await {
            Ok(()) => json!({ "status": "pass" }),
            Err(output) if check.needed => {
                found.missing = true;
                json!({ "status": "fail", "output": output })
            }
            Err(output) => {
                found.warned = true;
                json!({ "status": "warn", "output": output })
            }
        };
        found.parts.insert(check.name.into(), part);
    }
    found
}

/// A document of `draft-inadarei-api-health-check`, for machines.
fn health(good: bool, found: &Found) -> HttpResponse {
    let (builder, status) = if !good {
        (HttpResponse::ServiceUnavailable(), "fail")
    } else if found.warned {
        (HttpResponse::Ok(), "warn")
    } else {
        (HttpResponse::Ok(), "pass")
    };
    let document = json!({ "status": status, "checks": found.parts });
    answer(builder, "application/health+json", &document)
}

fn answer(mut builder: HttpResponseBuilder, content_type: &str, document: &Value) -> HttpResponse {
    builder
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, content_type))
        .body(document.to_string())
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
