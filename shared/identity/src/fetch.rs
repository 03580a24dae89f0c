//! Fetches an issuer's JWKS, within bounds of time and size.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode, Url, redirect};

use crate::config::{KeySource, is_loopback};

/// Time limit from the request to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of a JWKS; real ones have a few thousand.
const SIZE_LIMIT: usize = 256 * 1024;

/// The place that a JWKS is read from.
pub(crate) struct JwksSource(Place);

enum Place {
    Url { client: Client, url: Url },
    File(PathBuf),
}

/// The error for an HTTP client for keys that can't be set up.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot set up TLS to fetch keys from an https address: install the package ca-certificates, or set \
     SSL_CERT_FILE to a file with CA certificates"
)]
pub struct StartError(#[from] reqwest::Error);

/// Why a document can't be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address does not answer.
    #[error("the request failed")]
    Http(#[from] reqwest::Error),
    /// The answer has another status than 200.
    #[error("the answer has status {0}; redirects are not followed")]
    Status(StatusCode),
    /// The document is too large for a JWKS.
    #[error("the document is larger than {SIZE_LIMIT} bytes")]
    TooLarge,
    /// The file is missing or not readable.
    #[error("the file cannot be read")]
    File(#[from] io::Error),
}

impl JwksSource {
    /// Makes a source for an address or a file.
    ///
    /// # Errors
    /// [`StartError`], where the machine has no CA certificates and the address needs them.
    pub(crate) fn new(source: &KeySource) -> Result<Self, StartError> {
        let url = match source {
            KeySource::File(path) => return Ok(Self(Place::File(path.clone()))),
            KeySource::Url(url) => url.clone(),
        };
        // a redirect could lead to keys of another party
        let mut client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none());
        if is_loopback(&url) {
            client = client.no_proxy();
        }
        if url.scheme() == "http" {
            // plain http needs no CA certificates, and no redirect leads to https
            client = client.tls_certs_only([]);
        }
        let client = client.build()?;
        Ok(Self(Place::Url { client, url }))
    }

    /// Fetches the document: within five seconds, at most 256 KiB, without following redirects.
    ///
    /// # Errors
    /// [`FetchError`].
    pub(crate) async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        match &self.0 {
            Place::Url { client, url } => read_body(client.get(url.clone()).send().await?).await,
            Place::File(path) => read_file(path),
        }
    }
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, FetchError> {
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        within_limit(&body)?;
    }
    Ok(body)
}

fn read_file(path: &PathBuf) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    File::open(path)?
        .take(SIZE_LIMIT as u64 + 1)
        .read_to_end(&mut body)?;
    within_limit(&body)?;
    Ok(body)
}

fn within_limit(body: &[u8]) -> Result<(), FetchError> {
    if body.len() > SIZE_LIMIT {
        Err(FetchError::TooLarge)
    } else {
        Ok(())
    }
}
