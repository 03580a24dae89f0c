//! What an operator does in the console, by its API.

use anyhow::{Context as _, ensure};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use sportello_stack::Part;
use uuid::Uuid;

use crate::system::private_system::PrivateSystem;

const OPERATOR: &str = "sportello-esempio";
const REASON: &str = "a trial of the alerts has ended";

/// An operator's session.
pub(super) struct Console {
    client: Client,
    url: String,
    token: String,
}

impl Console {
    pub(super) fn of(system: &PrivateSystem) -> anyhow::Result<Self> {
        Ok(Self {
            client: Client::builder().no_proxy().build()?,
            url: system.url(Part::Console).context("the console has no address")?,
            token: system.mint()?.operator_token(OPERATOR)?,
        })
    }

    /// Returns its address and the operator's token.
    pub(super) fn session(&self) -> (String, String) {
        (self.url.clone(), self.token.clone())
    }

    /// Discards all open letters that are of this reason.
    pub(super) async fn discard(&self, reason: &str) -> anyhow::Result<()> {
        let letters = self.open(reason).await?;
        for letter in letters["items"].as_array().context("no letters")? {
            let path = format!("/v1/dead-letters/{}/discard", text(&letter["letter"])?);
            let version = format!("\"{}\"", letter["version"]);
            let request = self.client.post(format!("{}{path}", self.url));
            let request = request.header("If-Match", version);
            self.decide(request, &json!({ "reason": REASON })).await?;
        }
        Ok(())
    }

    /// Sends all open letters with this reason again.
    pub(super) async fn requeue(&self, reason: &str) -> anyhow::Result<()> {
        let count = self.open(reason).await?["selected"].clone();
        if count == 0 {
            return Ok(());
        }
        let request = self.client.post(format!("{}/v1/requeue-jobs", self.url));
        let which = json!({ "filter": { "reason": reason } });
        self.decide(
            request,
            &json!({ "which": which, "count": count, "reason": REASON }),
        )
        .await
    }

    /// Returns a page of the open letters with this reason.
    async fn open(&self, reason: &str) -> anyhow::Result<Value> {
        let query = format!("{}/v1/dead-letters?state=open&reason={reason}", self.url);
        let answer = self.client.get(query).bearer_auth(&self.token).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    async fn decide(&self, request: RequestBuilder, body: &Value) -> anyhow::Result<()> {
        let answer = request
            .bearer_auth(&self.token)
            .header("Idempotency-Key", Uuid::new_v4().to_string())
            .json(body)
            .send()
            .await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "the console answers {status}: {text}");
        Ok(())
    }
}

fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().context("not a text")
}
