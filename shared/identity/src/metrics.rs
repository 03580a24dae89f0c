//! The metrics of this crate. The exporter adds `_total` to these names.

use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};

use crate::error::TokenError;

/// The counters of this crate.
#[derive(Clone)]
pub(crate) struct Metrics {
    refreshes: Counter<u64>,
    refused: Counter<u64>,
}

impl Metrics {
    /// Makes counters of the current global meter provider.
    pub(crate) fn new() -> Self {
        let meter = global::meter("sportello.identity");
        Self {
            refreshes: meter
                .u64_counter("sportello.identity.jwks_refreshes")
                .with_description("fetches of an issuer's keys")
                .build(),
            refused: meter
                .u64_counter("sportello.identity.tokens_refused")
                .with_description("bearer tokens refused, by reason")
                .build(),
        }
    }

    /// Counts a fetch of keys.
    pub(crate) fn refreshed(&self, ok: bool) {
        let outcome = if ok { "ok" } else { "failed" };
        self.refreshes.add(1, &[KeyValue::new("outcome", outcome)]);
    }

    /// Counts a refused token.
    pub(crate) fn refused(&self, error: &TokenError) {
        self.refused.add(1, &[KeyValue::new("code", error.code())]);
    }
}
