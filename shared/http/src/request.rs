//! The span and the metrics of each request.

use std::sync::LazyLock;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use opentelemetry::metrics::Histogram;
use opentelemetry::{KeyValue, StringValue, global};
use sportello_telemetry::{LATENCY_SECONDS, context_from};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::health::PROBES;

/// The route of a request that has none.
const UNKNOWN: &str = "unknown";

/// Names and attributes are those of OpenTelemetry's semantic conventions for HTTP servers.
static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("sportello.http")
        .f64_histogram("http.server.request.duration")
        .with_unit("s")
        .with_description("Time from the request's head to the answer's head")
        .with_boundaries(LATENCY_SECONDS.to_vec())
        .build()
});

/// Middleware: a span in the caller's trace, the request's duration by route and status. Only the route's
/// pattern is recorded, never the address itself.
pub(crate) async fn record(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let method = known_method(request.method());
    let route = request.match_pattern().unwrap_or_else(|| UNKNOWN.into());
    let span = span(&request, method, &route);
    let answer = next.call(request).instrument(span.clone()).await;
    let status = match &answer {
        Ok(answer) => answer.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    span.record("http.response.status_code", status.as_u16());
    DURATION.record(started.elapsed().as_secs_f64(), &labels(method, route, status));
    answer
}

/// The same for one who is sent away before anybody looks where to: without a span, a route or a time worth measuring.
pub(crate) fn sent_away(method: &Method) {
    let labels = labels(known_method(method), UNKNOWN, StatusCode::SERVICE_UNAVAILABLE);
    DURATION.record(0.0, &labels);
}

fn labels(method: &'static str, route: impl Into<StringValue>, status: StatusCode) -> [KeyValue; 3] {
    [
        KeyValue::new("http.request.method", method),
        KeyValue::new("http.route", route.into()),
        KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
    ]
}

/// The method's name, or `_OTHER`, so that nobody can make new labels without end.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    const NAMES: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN
        .iter()
        .zip(NAMES)
        .find(|(known, _)| *known == method)
        .map_or("_OTHER", |(_, name)| name)
}

fn span(request: &ServiceRequest, method: &'static str, route: &str) -> Span {
    // probes come every few seconds, for ever
    if PROBES.contains(&route) {
        return Span::none();
    }
    let span = info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
    );
    if span.is_disabled() {
        return span;
    }
    if let Some(parent) = request
        .headers()
        .get("traceparent")
        .and_then(|value| value.to_str().ok())
    {
        // fails only where no traces are made
        let _ = span.set_parent(context_from(parent));
    }
    span
}
