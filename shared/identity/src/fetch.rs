//! Reads an issuer's JWKS, whatever state the issuer is in: bounded in time and size.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode, Url, redirect};

use crate::config::{KeySource, is_loopback};

/// From the request to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a JWKS; real ones have a few thousand.
const SIZE_LIMIT: usize = 256 * 1024;

/// Where one issuer's keys are read.
pub(crate) enum Source {
    Url { client: Client, url: Url },
    File(PathBuf),
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the request failed")]
    Http(#[from] reqwest::Error),
    #[error("the answer is {0}, and redirects are not followed")]
    Status(StatusCode),
    #[error("the document is larger than {SIZE_LIMIT} bytes")]
    TooLarge,
    #[error("the file cannot be read")]
    File(#[from] io::Error),
}

impl Source {
    pub(crate) fn new(source: &KeySource) -> Result<Self, reqwest::Error> {
        let url = match source {
            KeySource::File(path) => return Ok(Self::File(path.clone())),
            KeySource::Url(url) => url.clone(),
        };
        // a redirect could lead to somebody else's keys
        let mut client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none());
        if is_loopback(&url) {
            client = client.no_proxy();
        }
        Ok(Self::Url {
            client: client.build()?,
            url,
        })
    }

    pub(crate) async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        match self {
            Self::Url { client, url } => read_body(client.get(url.clone()).send().await?).await,
            Self::File(path) => read_file(path),
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
