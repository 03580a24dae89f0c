//! Logs, traces and metrics, without personal data.
//!
//! - Logs: one JSON object per line on standard output, with the id of the trace if there is one.
//!   `RUST_LOG` sets the filter; the default is `info`.
//! - Traces: sent by OTLP over HTTP if `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) is
//!   set; otherwise no spans are made. The standard `OTEL_TRACES_SAMPLER` selects the sampler.
//! - Metrics: recorded through `opentelemetry::global::meter`, read as Prometheus text by
//!   [`Metrics::render`].
//!
//! Three rules keep personal data out: its types show a mask in `Debug` (`sportello_domain`), lapin
//! may log only errors (its warnings contain message bodies), and a panic is logged by its place
//! only.

mod logs;
mod metrics;
mod panics;
mod traces;

pub use metrics::{LATENCY_SECONDS, Metrics};
pub use traces::{context_from, current_traceparent};

use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `RUST_LOG` is not a valid filter.
    #[error("RUST_LOG is not a list of filters such as info,worker=debug: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The OTLP exporter can't be built from the standard variables.
    #[error("the OTEL_EXPORTER_OTLP_… variables can't be used: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The Prometheus exporter can't be built.
    #[error("metrics can't be set up: {0}")]
    Metrics(#[from] opentelemetry_sdk::error::OTelSdkError),
    /// Another subscriber was installed first.
    #[error("logs are set up already: {0}")]
    Subscriber(#[from] tracing_subscriber::util::TryInitError),
}

/// The parts that must be flushed when the process ends.
#[must_use = "shut it down last, so that the last spans are sent"]
pub struct Telemetry {
    metrics: Metrics,
    meters: SdkMeterProvider,
    tracers: Option<SdkTracerProvider>,
}

/// Sets up logs, traces and metrics of the process under the name `service`.
///
/// Must be called once, first in `main`: instruments made earlier record nothing.
///
/// # Errors
/// [`TelemetryError`] where a variable can't be used.
pub fn init(service: &'static str) -> Result<Telemetry, TelemetryError> {
    let (metrics, meters) = metrics::set_up(service)?;
    let tracers = traces::set_up(service)?;
    logs::set_up(tracers.as_ref(), service)?;
    panics::log_place_only();
    Ok(Telemetry {
        metrics,
        meters,
        tracers,
    })
}

impl Telemetry {
    /// Returns the page of metrics.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// Sends the remaining spans. Blocks for up to five seconds if the collector does not answer,
    /// so call it last, and not from an async task.
    pub fn shutdown(self) {
        if let Some(tracers) = self.tracers
            && let Err(error) = tracers.shutdown()
        {
            tracing::warn!(%error, "the last spans could not be sent");
        }
        if let Err(error) = self.meters.shutdown() {
            tracing::warn!(%error, "metrics could not be closed");
        }
    }
}
