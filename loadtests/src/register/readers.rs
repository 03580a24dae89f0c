//! Holders of applications, and an operator.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::{Client, StatusCode, redirect};
use sha2::{Digest as _, Sha256};
use sportello_stack::Part;
use uuid::Uuid;

use crate::system::private_system::PrivateSystem;

/// Pages of the console, without the live stream.
const PAGES: [&str; 9] = [
    "now",
    "channels",
    "services",
    "workers",
    "history",
    "dead-letters",
    "requeue-jobs",
    "audit",
    "audit.csv",
];
const BETWEEN_ROUNDS: Duration = Duration::from_millis(200);
/// Longest wait for the console after its start.
const COMES_WITHIN: Duration = Duration::from_secs(60);

/// An application and its holder's token.
pub(super) struct Read {
    pub(super) id: Uuid,
    pub(super) token: String,
}

/// Lets each holder read in all ways.
pub(super) async fn holders_read(system: &PrivateSystem, reads: &[Read]) -> anyhow::Result<()> {
    let status = system.url(Part::Status).context("status has no address")?;
    let client = client()?;
    for Read { id, token } in reads {
        let ath = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token));
        let addresses = [
            format!("applications/{id}/status"),
            format!("applications/{id}"),
            format!("applications/{id}/content"),
            format!("applications/{id}/accesses"),
            format!("tokens/{ath}/applications"),
            "progress".to_owned(),
        ];
        for address in addresses {
            let request = client.get(format!("{status}/v1/{address}")).bearer_auth(token);
            let answered = request.send().await?.status();
            ensure!(
                answered.is_success() || answered == StatusCode::SEE_OTHER,
                "status answers {answered} to {address}"
            );
        }
    }
    Ok(())
}

/// Lets an operator view the live stream and all pages, again and again.
pub(super) async fn operator_views(system: &PrivateSystem, lasts: Duration) -> anyhow::Result<()> {
    let console = system.url(Part::Console).context("the console has no address")?;
    let token = system.mint()?.operator_token("sportello-esempio")?;
    let client = client()?;
    let begun = Instant::now();
    let live = client.get(format!("{console}/v1/live")).bearer_auth(&token);
    let mut live = live.send().await?.error_for_status()?;
    ensure!(live.chunk().await?.is_some(), "the live stream is empty");
    while begun.elapsed() < lasts {
        for page in PAGES {
            let request = client.get(format!("{console}/v1/{page}")).bearer_auth(&token);
            let answered = request.send().await?.status();
            let shed = answered == StatusCode::SERVICE_UNAVAILABLE && begun.elapsed() < COMES_WITHIN;
            ensure!(
                answered.is_success() || shed,
                "the console answers {answered} to {page}"
            );
        }
        tokio::time::sleep(BETWEEN_ROUNDS).await;
    }
    Ok(())
}

fn client() -> anyhow::Result<Client> {
    Ok(Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()?)
}
