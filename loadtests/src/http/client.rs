//! Sends one application over HTTP and returns the answer.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use serde::Deserialize;
use uuid::Uuid;

use crate::people::applications::Prepared;
use crate::proof::answer::Answer;

/// Far above the promised time, so that a hanging answer shows as such.
pub const TIMEOUT: Duration = Duration::from_secs(5);
/// Connections that stay open between requests.
const IDLE_CONNECTIONS: usize = 1_024;
/// How long they stay open: less than at the service (5 s), since a request that crosses the
/// service's closing of its connection gets no answer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct Accepted {
    id: Uuid,
    received_at: Timestamp,
    receipt: String,
}

/// Sends applications to one intake, over connections that stay open.
#[derive(Debug, Clone)]
pub struct Intake {
    client: Client,
    url: Url,
}

impl Intake {
    /// Makes a client of the intake at this base address.
    ///
    /// # Errors
    /// The address is not valid, or the client can't be built.
    pub fn at(base: &str) -> anyhow::Result<Self> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .timeout(TIMEOUT)
            .build()?;
        let url = Url::parse(base)?.join("/v1/applications")?;
        Ok(Self { client, url })
    }

    /// Sends the application once.
    pub async fn submit(&self, application: &Prepared) -> Answer {
        let request = self
            .client
            .post(self.url.clone())
            .headers(application.headers.clone())
            .body(application.body.clone());
        match request.send().await {
            Ok(response) => read(response).await,
            Err(error) => failed(&error),
        }
    }
}

async fn read(response: Response) -> Answer {
    let status = response.status();
    let has_location = response.headers().contains_key(LOCATION);
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let body = match response.bytes().await {
        Ok(body) => body,
        Err(error) => return failed(&error),
    };
    match status {
        StatusCode::ACCEPTED => match serde_json::from_slice::<Accepted>(&body) {
            Ok(accepted) if has_location && !accepted.receipt.is_empty() => Answer::Accepted {
                id: accepted.id,
                received_at: accepted.received_at,
            },
            _ => Answer::Wrong {
                status: status.as_u16(),
            },
        },
        StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::TOO_MANY_REQUESTS
        // the load generator may lack a core
        | StatusCode::REQUEST_TIMEOUT => Answer::Unavailable {
            status: status.as_u16(),
            retry_after,
        },
        _ => Answer::Wrong {
            status: status.as_u16(),
        },
    }
}

fn failed(error: &reqwest::Error) -> Answer {
    if error.is_timeout() {
        Answer::TimedOut
    } else if error.is_connect() {
        Answer::NoConnection
    } else {
        Answer::Broken
    }
}
