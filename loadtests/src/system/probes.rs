//! Probes of the system during a fault, beside the load.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{AUTHORIZATION, DATE};
use reqwest::{Client, RequestBuilder, StatusCode};
use sportello_people::Mint;
use sportello_people::Person;
use sportello_people::login::login;
use sportello_stack::{Part, System};
use uuid::Uuid;

/// Longest wait for an answer, with some time for a machine busy with the load.
const ANSWER_WITHIN: Duration = Duration::from_millis(1_500);
/// Deadline for a page to show another time: it is rendered twice a second.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// A citizen known to the identity provider.
const ACCOUNT: &str = "RNLMRT84C52H501S";
/// `{"alg":"ES256","typ":"at+jwt","kid":"unknown"}`
const UNKNOWN_KEY: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6InVua25vd24ifQ";

/// Checks that callers get `503` with `Retry-After` in time while the status service can't reach
/// its database. Otherwise returns the answer.
///
/// # Errors
/// It has no address, or no token can be obtained.
pub async fn status_says_later(system: &System) -> anyhow::Result<Option<String>> {
    let status = system.url(Part::Status).context("status has no address")?;
    let token = Mint::open(&system.identity_folder())?.token(&Person::invent(1, 1))?;
    let request = client()?
        .get(format!("{status}/v1/applications/{}/status", Uuid::new_v4()))
        .bearer_auth(token);
    Ok(answered_in_time(request, StatusCode::SERVICE_UNAVAILABLE, "status").await)
}

/// Checks, while intake can't reach the identity provider, that its tokens with known keys stay
/// valid and those with unknown keys get an answer in time. Otherwise returns the answer.
///
/// # Errors
/// Intake has no address, or a login fails.
pub async fn known_keys_are_good(system: &System) -> anyhow::Result<Option<String>> {
    let issuer = system
        .url(Part::IdentityProvider)
        .context("no identity provider")?;
    let intake = system.url(Part::Intake).context("intake has no address")?;
    let token = login(&issuer, ACCOUNT).await?;
    let forged = token
        .split_once('.')
        .map(|(_, rest)| format!("{UNKNOWN_KEY}.{rest}"));
    let client = client()?;
    let apply = |token: &str| {
        client
            .post(format!("{intake}/v1/applications"))
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header("Idempotency-Key", Uuid::new_v4().to_string())
            .header("Content-Type", "application/json")
            .body("{}")
    };
    // an empty application: its refusal proves that the caller was recognised
    let known = answered_in_time(apply(&token), StatusCode::UNPROCESSABLE_ENTITY, "a known key").await;
    let unknown = apply(&forged.context("a token without a dot")?);
    Ok(known.or(answered_in_time(unknown, StatusCode::UNAUTHORIZED, "an unknown key").await))
}

/// Returns whether a part shows, within a few seconds, a time this many seconds ahead of ours.
///
/// # Errors
/// It has no address.
pub async fn clock_is_ahead(system: &System, part: Part, seconds: i64) -> anyhow::Result<bool> {
    const TOLERANCE: i64 = 30;
    let url = system.internal_url(part).context("the part has no address")?;
    let client = client()?;
    let begun = Instant::now();
    while begun.elapsed() < SHOWN_WITHIN {
        let answer = client.get(format!("{url}/livez")).send().await?;
        let shown = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let shown = shown.and_then(|date| rfc2822::parse(date).ok());
        let ahead = shown.map(|shown| shown.timestamp().as_second() - Timestamp::now().as_second());
        if ahead.is_some_and(|ahead| (ahead - seconds).abs() <= TOLERANCE) {
            return Ok(true);
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(false)
}

async fn answered_in_time(request: RequestBuilder, expected: StatusCode, what: &str) -> Option<String> {
    let begun = Instant::now();
    let answer = match request.send().await {
        Ok(answer) if answer.status() == expected && begun.elapsed() <= ANSWER_WITHIN => return None,
        Ok(answer) => answer.status().to_string(),
        Err(error) => error.to_string(),
    };
    let took = begun.elapsed().as_secs_f64();
    Some(format!(
        "{what}: expected {expected} in time, got {answer} after {took:.1} s"
    ))
}

fn client() -> reqwest::Result<Client> {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .build()
}
