//! Metrics. The exporter adds `_total` to counters.

use std::sync::OnceLock;

use opentelemetry::metrics::{Counter, Gauge};
use opentelemetry::{KeyValue, global};
use sportello_domain::CatalogueVersion;

/// The instruments of this crate.
pub(crate) struct Metrics {
    broken: Gauge<u64>,
    changes: Counter<u64>,
    version: Gauge<u64>,
    rule_failures: Counter<u64>,
    unfit: Counter<u64>,
}

/// Returns the instruments of the meter provider that was set at the first call.
pub(crate) fn metrics() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| {
        let meter = global::meter("sportello.catalogue");
        Metrics {
            broken: meter
                .u64_gauge("sportello.catalogue.broken")
                .with_description(
                    "1 while the files on disk have mistakes and the previous version is in use",
                )
                .build(),
            changes: meter
                .u64_counter("sportello.catalogue.changes")
                .with_description("changes of the catalogue that were loaded")
                .build(),
            version: meter
                .u64_gauge("sportello.catalogue.version")
                .with_description("1 for the version in use, 0 for earlier ones of this process")
                .build(),
            rule_failures: meter
                .u64_counter("sportello.catalogue.rule_failures")
                .with_description("rules that could not be evaluated on an application")
                .build(),
            unfit: meter
                .u64_counter("sportello.catalogue.unfit_applications")
                .with_description("accepted applications that do not fit their benefit's current file")
                .build(),
        }
    })
}

impl Metrics {
    pub(crate) fn broken(&self, broken: bool) {
        self.broken.record(broken.into(), &[]);
    }

    pub(crate) fn changed(&self) {
        self.changes.add(1, &[]);
    }

    pub(crate) fn uses(&self, version: &CatalogueVersion) {
        self.version(version, 1);
    }

    pub(crate) fn replaced(&self, version: &CatalogueVersion) {
        self.version(version, 0);
    }

    fn version(&self, version: &CatalogueVersion, value: u64) {
        let label = KeyValue::new("version", version.as_str().to_owned());
        self.version.record(value, &[label]);
    }

    pub(crate) fn rule_failed(&self, benefit: &str, code: &str) {
        let labels = [
            KeyValue::new("benefit", benefit.to_owned()),
            KeyValue::new("code", code.to_owned()),
        ];
        self.rule_failures.add(1, &labels);
    }

    pub(crate) fn unfit(&self, benefit: &str, unfit: &'static str) {
        let labels = [
            KeyValue::new("benefit", benefit.to_owned()),
            KeyValue::new("unfit", unfit),
        ];
        self.unfit.add(1, &labels);
    }
}
