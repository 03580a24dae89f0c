//! What is counted. The exporter adds `_total` to these names.

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
    /// Counters of the global meter provider that is set at this moment.
    pub(crate) fn new() -> Self {
        let meter = global::meter("sportello.identity");
        Self {
            refreshes: meter
                .u64_counter("identity_jwks_refresh")
                .with_description("fetches of an issuer's keys")
                .build(),
            refused: meter
                .u64_counter("identity_tokens_refused")
                .with_description("bearer tokens refused, by reason")
                .build(),
        }
    }

    /// Counts a fetch of keys.
    pub(crate) fn refreshed(&self, ok: bool) {
        let outcome = if ok { "ok" } else { "failed" };
        self.refreshes.add(1, &[KeyValue::new("outcome", outcome)]);
    }

    /// Counts a token that is refused.
    pub(crate) fn refused(&self, error: &TokenError) {
        self.refused.add(1, &[KeyValue::new("code", error.code())]);
    }
}
