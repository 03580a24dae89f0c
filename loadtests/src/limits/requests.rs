//! Prepared requests: making one costs more than sending it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use bytes::Bytes;

use crate::http::http1;
use crate::people::applications::Applications;

/// Requests, each of another person, with its own token and key. After the last one the first comes
/// again.
pub(super) struct Requests {
    requests: Arc<[Bytes]>,
    next: AtomicUsize,
}

impl Requests {
    /// Returns the next request.
    pub(super) fn next(&self) -> &Bytes {
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.requests.len();
        &self.requests[index]
    }

    /// Returns the same requests from the first one on.
    pub(super) fn again(&self) -> Arc<Self> {
        Arc::new(Self {
            requests: Arc::clone(&self.requests),
            next: AtomicUsize::new(0),
        })
    }
}

/// Makes the requests of applications from the number `first` on, on two threads.
pub(super) async fn prepare(
    applications: Arc<Applications>,
    first: u64,
    count: u64,
) -> anyhow::Result<Requests> {
    let half = |first: u64, end: u64| {
        let applications = Arc::clone(&applications);
        tokio::task::spawn_blocking(move || {
            let each = (first..end).map(|number| request(&applications, number));
            each.collect::<anyhow::Result<Vec<Bytes>>>()
        })
    };
    let middle = first + count.div_ceil(2);
    let (one, other) = (half(first, middle), half(middle, first + count));
    let (mut all, other) = (one.await??, other.await??);
    all.extend(other);
    Ok(Requests {
        requests: all.into(),
        next: AtomicUsize::new(0),
    })
}

fn request(applications: &Applications, number: u64) -> anyhow::Result<Bytes> {
    let prepared = applications.prepare(number)?;
    let headers = prepared.headers.iter().map(|(name, value)| {
        let value = value.to_str().context("a header that is no text")?;
        Ok((name.as_str(), value))
    });
    let headers = headers.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(http1::request(
        "POST",
        "localhost",
        "/v1/applications",
        &headers,
        &prepared.body,
    ))
}
