//! The span and the metrics of each request.

use std::sync::LazyLock;
use std::time::Instant;

use actix_web::HttpMessage as _;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use opentelemetry::metrics::Histogram;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{KeyValue, StringValue, global};
use sportello_telemetry::{LATENCY_SECONDS, context_from};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::health::STATUS;

/// The route label of a request without a route.
const UNKNOWN: &str = "unknown";

/// Its attributes follow OpenTelemetry's semantic conventions for HTTP servers.
static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("sportello.http")
        .f64_histogram("sportello.http.request_duration")
        .with_unit("s")
        .with_description("Time from the request's head to the answer's head")
        .with_boundaries(LATENCY_SECONDS.to_vec())
        .build()
});

/// Marks a `HEAD` request, which handlers see as `GET`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadOnly;

/// Middleware: records a span with a link to the caller's trace, and the request's duration by
/// route and status. It records only the route's pattern, never the address.
pub(crate) async fn record(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let method = if request.extensions().contains::<HeadOnly>() {
        "HEAD"
    } else {
        known_method(request.method())
    };
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

/// Records a request that is shed before routing: no span, no route, and a duration of zero.
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

/// Returns the method's name, or `_OTHER`, so that callers can't create labels without end.
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
    // monitoring polls it every few seconds
    if route == STATUS {
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
    if let Some(callers) = request
        .headers()
        .get("traceparent")
        .and_then(|value| value.to_str().ok())
    {
        // a link, not a parent: a caller must not choose what is traced
        span.add_link(context_from(callers).span().span_context().clone());
    }
    span
}
