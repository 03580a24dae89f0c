//! Health checks of local services over HTTP.

use std::time::Duration;

const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// A client for health checks.
#[derive(Clone, Debug)]
pub struct Health(reqwest::Client);

impl Health {
    /// Makes a client without a proxy: all addresses are on this machine.
    #[must_use]
    pub fn new() -> Self {
        Self(
            reqwest::Client::builder()
                .no_proxy()
                .timeout(ANSWER_WITHIN)
                .build()
                .unwrap_or_default(),
        )
    }

    /// Returns whether a GET succeeds within two seconds.
    pub async fn is_well(&self, url: &str) -> bool {
        self.0
            .get(url)
            .send()
            .await
            .is_ok_and(|response| response.status().is_success())
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}
