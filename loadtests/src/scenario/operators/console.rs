//! The console's API, as an operator uses it.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use sportello_stack::{Part, System};
use uuid::Uuid;

use super::now::Now;
use crate::scenario::run_report::OperatorSecond;
use crate::system::private_system::PrivateSystem;

/// Longest wait for an answer; without one nothing is known of that second.
const WITHIN: Duration = Duration::from_millis(500);
/// A change may have to wait for a database that was struck.
const CHANGED_WITHIN: Duration = Duration::from_secs(30);
const AGAIN_AFTER: Duration = Duration::from_millis(500);
const REASON: &str = "numbers in turn, for a load test";

/// The console, for one operator.
#[derive(Debug, Clone)]
pub struct Console {
    client: Client,
    url: String,
    internal_url: String,
    token: String,
}

/// The setting of the workers, as far as it is sent again.
#[derive(Debug, Deserialize)]
struct Workers {
    version: i64,
    target: Value,
    floor: u16,
    ceiling: u16,
}

impl Console {
    /// Signs an operator in at the console of a system.
    ///
    /// # Errors
    /// The console was never started.
    pub fn of(system: &PrivateSystem) -> anyhow::Result<Self> {
        Ok(Self {
            client: Client::builder().no_proxy().build()?,
            url: system.url(Part::Console).context("the console has no address")?,
            internal_url: internal(system, Part::Console)?,
            token: system.mint()?.operator_token("sportello-esempio")?,
        })
    }

    /// Returns what it shows now; `None` where it does not answer.
    pub async fn look(&self) -> Option<OperatorSecond> {
        let request = self.client.get(format!("{}/v1/now", self.url));
        let answer = request
            .bearer_auth(&self.token)
            .timeout(WITHIN)
            .send()
            .await
            .ok()?;
        let now: Now = answer.error_for_status().ok()?.json().await.ok()?;
        Some(now.figures())
    }

    /// Returns the lost messages that the metric of the auditor says: of the console or a worker.
    pub async fn lost_messages(&self, system: &System) -> Option<u64> {
        let worker = system.internal_url(Part::Worker(1));
        let mut most = None;
        for url in [Some(self.internal_url.clone()), worker].into_iter().flatten() {
            most = most.max(self.gauge(&url, "sportello_ledger_lost_messages").await);
        }
        most
    }

    /// Returns the sum of a gauge on the page of a process.
    async fn gauge(&self, url: &str, name: &str) -> Option<u64> {
        let request = self.client.get(format!("{url}/metrics")).timeout(WITHIN);
        let page = request.send().await.ok()?.text().await.ok()?;
        let samples = page.lines().filter(|line| line.starts_with(name));
        let values = samples.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        values.fold(None, |sum, value| Some(sum.unwrap_or(0) + value))
    }

    /// Sets a number of workers that holds so long, or gives them back to the automatic. Tries
    /// again while the database can't be reached.
    ///
    /// # Errors
    /// The console refuses the change.
    pub async fn set_workers(&self, workers: Option<u16>, holds: Duration) -> anyhow::Result<()> {
        let (until, key) = (Timestamp::now() + holds, Uuid::new_v4().to_string());
        let manual = workers.map(|workers| json!({ "workers": workers, "until": until }));
        let change = async {
            loop {
                let status = self.try_to_set(manual.as_ref(), &key).await;
                if status.is_ok_and(|status| status.is_success()) {
                    return;
                }
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        };
        let changed = tokio::time::timeout(CHANGED_WITHIN, change).await;
        changed.context("the console does not take a number of workers")
    }

    async fn try_to_set(&self, manual: Option<&Value>, key: &str) -> anyhow::Result<StatusCode> {
        let url = format!("{}/v1/workers", self.url);
        let seen = self.client.get(&url).bearer_auth(&self.token).send().await?;
        ensure!(seen.status().is_success(), "{}", seen.status());
        let seen: Workers = seen.json().await?;
        let mut body = json!({
            "target": seen.target, "floor": seen.floor, "ceiling": seen.ceiling, "reason": REASON,
        });
        if let Some(manual) = manual {
            body["manual"] = manual.clone();
        }
        let request = self.client.put(&url).bearer_auth(&self.token);
        let request = request.header("If-Match", format!("\"{}\"", seen.version));
        Ok(request
            .header("Idempotency-Key", key)
            .json(&body)
            .send()
            .await?
            .status())
    }
}

fn internal(system: &System, part: Part) -> anyhow::Result<String> {
    system.internal_url(part).context("a service has no address")
}
