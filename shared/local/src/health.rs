//! Asking a local service over HTTP whether it is well.

use std::time::Duration;

const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Asks addresses.
#[derive(Clone, Debug)]
pub struct Health(reqwest::Client);

impl Health {
    /// Without a proxy: what it asks is on this machine.
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

    /// Whether a GET is answered with success within two seconds.
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
