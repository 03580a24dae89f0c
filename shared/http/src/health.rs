//! Whether the service lives, and whether it can work.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, Route, web};
use serde_json::{Map, Value, json};
use sportello_identity::Verifier;
use sportello_telemetry::Metrics;
use utoipa::{OpenApi, ToSchema};

use crate::api_doc::PublicProblems;
use crate::edge::{Allow, method_not_allowed};
use crate::problem::Problem;

/// What machines ask to see whether all is well.
pub(crate) const PROBES: [&str; 4] = ["/livez", "/readyz", "/status", "/metrics"];

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
        let resource = |path, route: Route| {
            web::resource(path)
                .app_data(Allow("GET"))
                .route(route)
                .default_service(web::to(method_not_allowed))
        };
        config
            .app_data(self.checks.clone())
            .service(resource("/livez", web::get().to(live)))
            .service(resource("/readyz", web::get().to(ready)))
            .service(resource("/status", web::get().to(status)))
            .service(resource("/metrics", web::get().to(move || page(metrics.clone()))));
    }
}

/// The health pages in the OpenAPI documents.
#[derive(OpenApi)]
#[openapi(paths(live, ready, status))]
pub(crate) struct HealthApi;

/// How things stand: a problem document that need not be a problem (`/status` of the Italian interoperability
/// model).
#[derive(ToSchema)]
#[schema(as = Health, example = json!(Found::default().document(StatusCode::OK)))]
#[expect(dead_code, reason = "describes the health pages in the OpenAPI document")]
struct ApiDocHealth {
    /// Nothing more than the status says.
    #[schema(format = "uri-reference", max_length = 64)]
    r#type: String,
    /// The status in words.
    #[schema(max_length = 64, pattern = "^[A-Za-z ]+$")]
    title: String,
    /// The status of the answer.
    #[schema(minimum = 200, maximum = 599)]
    status: u16,
    /// How things stand, in words.
    #[schema(max_length = 200, pattern = "^.+$")]
    detail: String,
    /// How things stand, for programs.
    health: ApiDocState,
    /// Each thing that was looked at, by its name.
    checks: BTreeMap<String, ApiDocCheck>,
}

/// One thing that was looked at.
#[derive(ToSchema)]
#[schema(as = Check)]
#[expect(dead_code, reason = "describes the health pages in the OpenAPI document")]
struct ApiDocCheck {
    /// `fail`: the service can't work without it. `warn`: it can, but somebody must look after it.
    status: ApiDocState,
    /// What is wrong.
    #[schema(max_length = 200, pattern = "^.+$")]
    output: Option<String>,
}

/// How something stands.
#[derive(ToSchema)]
#[schema(as = HealthState, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the health pages in the OpenAPI document")]
enum ApiDocState {
    Pass,
    Warn,
    Fail,
}

/// Tells whether the process lives.
///
/// `200` as long as it answers at all; what it needs is not looked at.
#[utoipa::path(get, path = "/livez", operation_id = "check_life", tag = "health", security(()), responses(
    (status = 200, description = "It lives", body = ApiDocHealth, content_type = "application/problem+json"),
    PublicProblems,
))]
async fn live() -> HttpResponse {
    Found::default().answer(StatusCode::OK)
}

/// Tells whether the service can work.
///
/// For whoever sends traffic here: `200` where everything needed is there, `503` otherwise.
#[utoipa::path(get, path = "/readyz", operation_id = "check_readiness", tag = "health", security(()), responses(
    PublicProblems,
    (status = 200, description = "It can work", body = ApiDocHealth, content_type = "application/problem+json"),
    (status = 503, description = "It can't work", body = ApiDocHealth, content_type = "application/problem+json"),
))]
async fn ready(checks: Data<Vec<Check>>) -> HttpResponse {
    let found = ask(&checks).await;
    found.answer(if found.missing {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    })
}

/// Tells how things stand.
///
/// Always `200` where the service can answer at all; what is missing or needs looking after is among the checks.
#[utoipa::path(get, path = "/status", operation_id = "check_status", tag = "health", security(()), responses(
    (status = 200, description = "How things stand", body = ApiDocHealth, content_type = "application/problem+json"),
    PublicProblems,
))]
async fn status(checks: Data<Vec<Check>>) -> HttpResponse {
    ask(&checks).await.answer(StatusCode::OK)
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
    fn document(&self, status: StatusCode) -> Value {
        let (health, detail) = match (self.missing, self.warned) {
            (true, _) => ("fail", "something that the service needs is missing: see checks"),
            (false, true) => ("warn", "something needs looking after: see checks"),
            (false, false) => ("pass", "all is well"),
        };
        json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": detail,
            "health": health,
            "checks": self.parts,
        })
    }

    fn answer(&self, status: StatusCode) -> HttpResponse {
        HttpResponse::build(status)
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_TYPE, "application/problem+json"))
            .body(self.document(status).to_string())
    }
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
