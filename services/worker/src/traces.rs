//! A transaction has a span with a link to each traced application. Each of those has a span in its
//! own trace.

use opentelemetry::trace::TraceContextExt as _;
use sportello_domain::Channel;
use sportello_queue::Received;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Returns the span of a transaction. It begins a trace, since its applications come from many.
pub(crate) fn batch(channel: Channel, messages: usize, received: &[Received]) -> Span {
    let (channel, applications) = (channel.as_str(), received.len());
    let span = info_span!(parent: None, "batch", channel, messages, applications);
    for traceparent in received
        .iter()
        .filter_map(|received| received.traceparent.as_deref())
    {
        let context = sportello_telemetry::context_from(traceparent);
        span.add_link(context.span().span_context().clone());
    }
    span
}

/// Returns the span of one application, in the trace of its request; none where that trace is not
/// kept.
pub(crate) fn application(received: &Received) -> Span {
    let Some(traceparent) = &received.traceparent else {
        return Span::none();
    };
    let parent = sportello_telemetry::context_from(traceparent);
    if !parent.span().span_context().is_sampled() {
        return Span::none();
    }
    let span = info_span!(parent: None, "register");
    if let Err(error) = span.set_parent(parent) {
        // no collector is configured here
        tracing::trace!(%error, "no trace");
    }
    span
}
