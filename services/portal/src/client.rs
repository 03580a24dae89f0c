//! What the portal asks intake and status for.

use std::time::Duration;

use reqwest::{Client, StatusCode, redirect};
use serde::de::DeserializeOwned;
use url::Url;

use crate::config::ServeConfig;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_millis(1500);
/// Most bytes of an answer.
const SIZE_LIMIT: usize = 64 * 1024;

/// A client of the services behind the portal.
pub(crate) struct Services {
    client: Client,
    intake: Url,
    status: Url,
}

impl Services {
    /// Makes the client.
    ///
    /// # Errors
    /// The machine has no CA certificates, and an address needs them.
    pub(crate) fn new(config: &ServeConfig) -> Result<Self, reqwest::Error> {
        let (intake, status) = (
            config.intake_internal_url.clone(),
            config.status_internal_url.clone(),
        );
        let mut client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .no_proxy();
        if intake.scheme() == "http" && status.scheme() == "http" {
            client = client.tls_certs_only([]);
        }
        Ok(Self {
            client: client.build()?,
            intake,
            status,
        })
    }

    /// Gets a document of intake; nothing where the answer is late, too large, or another one.
    pub(crate) async fn intake<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        self.get(&self.intake, path).await
    }

    /// Gets a document of status; nothing where the answer is late, too large, or another one.
    pub(crate) async fn status<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        self.get(&self.status, path).await
    }

    async fn get<T: DeserializeOwned>(&self, base: &Url, path: &str) -> Option<T> {
        let url = base.join(path).ok()?;
        let mut response = self.client.get(url).send().await.ok()?;
        if response.status() != StatusCode::OK {
            return None;
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.ok()? {
            body.extend_from_slice(&chunk);
            if body.len() > SIZE_LIMIT {
                return None;
            }
        }
        serde_json::from_slice(&body).ok()
    }
}
