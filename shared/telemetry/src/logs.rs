//! Logs as one JSON object per line.

use std::fmt;

use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, fmt as fmt_layer, registry};

use crate::TelemetryError;

/// Crates that may log only errors, or nothing: lapin's warnings contain message bodies, the HTTP
/// clients' debug lines contain headers. actix-http logs an error for each malformed request, so
/// callers could fill the log.
const QUIET: [&str; 5] = [
    "lapin=error",
    "hyper=error",
    "hyper_util=error",
    "reqwest=error",
    "actix_http::h1=off",
];

/// Crates whose spans do not help to follow an application.
const NO_SPANS: [(&str, LevelFilter); 5] = [
    ("lapin", LevelFilter::OFF),
    ("hyper", LevelFilter::OFF),
    ("hyper_util", LevelFilter::OFF),
    ("reqwest", LevelFilter::OFF),
    ("sqlx", LevelFilter::OFF),
];

pub(crate) fn set_up(
    tracers: Option<&SdkTracerProvider>,
    service: &'static str,
) -> Result<(), TelemetryError> {
    dispatch(tracers, service)?.try_init()?;
    Ok(())
}

/// Makes the subscriber: events become lines, and spans go only to the collector. Without a
/// collector there is no layer for spans, so that a span costs next to nothing; a layer that is
/// only switched off would still have them made.
fn dispatch(tracers: Option<&SdkTracerProvider>, service: &'static str) -> Result<Dispatch, TelemetryError> {
    let Some(tracers) = tracers else {
        return Ok(registry().with(lines(filter()?)).into());
    };
    let spans = tracing_opentelemetry::layer().with_tracer(tracers.tracer(service));
    let spans = spans.with_filter(
        Targets::new()
            .with_default(LevelFilter::INFO)
            .with_targets(NO_SPANS),
    );
    Ok(registry().with(spans).with(lines(filter()?)).into())
}

fn lines<S>(wanted: EnvFilter) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let events = filter_fn(|metadata| metadata.is_event()).with_max_level_hint(LevelFilter::TRACE);
    let format = Format::default()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false);
    fmt_layer::layer()
        .fmt_fields(JsonFields::new())
        .event_format(WithTraceId(format))
        .with_filter(wanted.and(events))
}

fn filter() -> Result<EnvFilter, TelemetryError> {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".into());
    let mut filter = EnvFilter::builder().parse(wanted)?;
    for directive in QUIET {
        filter = filter.add_directive(directive.parse()?);
    }
    Ok(filter)
}

/// Adds the current trace's id before the other fields of a line.
struct WithTraceId(Format<Json>);

impl<S> FormatEvent<S, JsonFields> for WithTraceId
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    JsonFields: for<'writer> FormatFields<'writer>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::with_capacity(256);
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let otel = opentelemetry::Context::current();
        let span = otel.span().span_context().clone();
        match line.strip_prefix('{') {
            Some(rest) if span.is_valid() => write!(writer, "{{\"trace_id\":\"{}\",{rest}", span.trace_id()),
            _ => writer.write_str(&line),
        }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing::{Level, dispatcher, event_enabled, info_span};

    use super::*;

    #[test]
    fn spans_are_made_for_a_collector_alone_and_lines_always() {
        let tracers = SdkTracerProvider::builder().build();
        for tracers in [None, Some(&tracers)] {
            dispatcher::with_default(&dispatch(tracers, "test").unwrap(), || {
                assert_eq!(info_span!("request").is_disabled(), tracers.is_none());
                assert!(event_enabled!(Level::INFO));
            });
        }
    }
}
