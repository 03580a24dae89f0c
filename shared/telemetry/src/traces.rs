//! Traces, and how the queue carries them.

use std::collections::HashMap;
use std::env;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::TelemetryError;

/// The header of W3C Trace Context that names a trace and the span within it.
const TRACEPARENT: &str = "traceparent";

/// Variables of the OpenTelemetry specification that name a collector.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
];

/// Makes a provider if a collector is configured.
pub(crate) fn set_up(service: &'static str) -> Result<Option<SdkTracerProvider>, TelemetryError> {
    if !ENDPOINTS
        .iter()
        .any(|name| env::var(name).is_ok_and(|value| !value.is_empty()))
    {
        return Ok(None);
    }
    let exporter = SpanExporter::builder().with_http().build()?;
    let tracers = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name(service).build())
        .build();
    Ok(Some(tracers))
}

/// Returns the context of a `traceparent` (W3C Trace Context, section 3.2); an empty one if it is
/// invalid.
#[must_use]
pub fn context_from(traceparent: &str) -> Context {
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier)
}

/// Returns the current span as a `traceparent`, if its trace is sampled.
#[must_use]
pub fn current_traceparent() -> Option<String> {
    let context = Context::current();
    if !context.span().span_context().is_sampled() {
        return None;
    }
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.remove(TRACEPARENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_names_its_trace_and_rubbish_names_none() {
        let context = context_from("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        let span = context.span().span_context().clone();
        assert_eq!(span.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert!(span.is_remote() && span.is_sampled());
        assert!(!context_from("rubbish").span().span_context().is_valid());
        assert_eq!(current_traceparent(), None);
    }
}
