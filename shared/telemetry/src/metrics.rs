//! Metrics in the format of Prometheus.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};

/// Bucket boundaries, in seconds, for work that should take milliseconds and less than a second.
pub const LATENCY_SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The page that Prometheus reads.
#[derive(Clone, Debug)]
pub struct Metrics(Registry);

impl Metrics {
    /// Returns all recorded metrics in Prometheus' text format (version 0.0.4).
    ///
    /// # Errors
    /// Two instruments use one name in different ways.
    pub fn render(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.0.gather())
    }
}

pub(crate) fn set_up(service: &'static str) -> Result<(Metrics, SdkMeterProvider), OTelSdkError> {
    let registry = Registry::new();
    let reader = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .build()?;
    let resource = Resource::builder()
        .with_service_name(service)
        // the workspace's, which all services share
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let meters = SdkMeterProvider::builder()
        .with_reader(reader)
        .with_resource(resource)
        .build();
    opentelemetry::global::set_meter_provider(meters.clone());
    Ok((Metrics(registry), meters))
}
