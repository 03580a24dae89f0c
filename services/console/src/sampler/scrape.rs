//! Asking every process and every node, once a second, whatever the number of viewers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use reqwest::{Client, redirect};
use serde::Deserialize;

use super::target::{Service, Targets};
use super::window::{Answer, Scrape, Tick};
use crate::exposition::Samples;

/// Longest wait for an answer: shorter than the interval.
const TIMEOUT: Duration = Duration::from_millis(800);
/// Most bytes of an answer.
const SIZE_LIMIT: usize = 4 * 1024 * 1024;
/// The families that the console reads of a node: cheap, of the queues whose leader it is.
const QUEUES: &str = "/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count";

/// Asks the processes and the nodes.
pub(crate) struct Scraper {
    client: Client,
    targets: Targets,
}

/// All answers of one second.
pub(crate) struct Round {
    pub(crate) tick: Tick,
    pub(crate) healths: Vec<Option<HealthPage>>,
    pub(crate) nodes: Vec<NodeScrape>,
}

/// The answer of one node of the broker.
pub(crate) struct NodeScrape {
    pub(crate) address: Arc<str>,
    pub(crate) queues: Option<Samples>,
}

/// `/status` of a process.
#[derive(Debug, Deserialize)]
pub(crate) struct HealthPage {
    pub(crate) health: String,
    pub(crate) checks: std::collections::BTreeMap<String, HealthCheck>,
}

/// One of its checks.
#[derive(Debug, Deserialize)]
pub(crate) struct HealthCheck {
    pub(crate) status: String,
    pub(crate) output: Option<String>,
}

/// Why there is no page.
enum Failure {
    /// No process listens there.
    Absent,
    /// It listens and does not answer as it should.
    Silent,
}

impl Scraper {
    /// Makes a client without redirects, proxies and certificates: internal addresses have none.
    ///
    /// # Errors
    /// The client can't be made.
    pub(crate) fn new(targets: Targets) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .tls_certs_only([])
            .build()?;
        Ok(Self { client, targets })
    }

    /// Asks all of them at once, within [`TIMEOUT`].
    pub(crate) async fn round(&self) -> Round {
        let addresses = join_all(self.targets.services.iter().map(async |(service, address)| {
            let all = address.resolve().await;
            all.into_iter().map(move |address| (*service, address))
        }));
        let addresses: Vec<_> = addresses.await.into_iter().flatten().collect();
        let processes = join_all(
            addresses
                .into_iter()
                .map(|(service, address)| self.process(service, address)),
        );
        let nodes = join_all(self.targets.nodes.iter().map(async |node| {
            let all = node.resolve().await;
            join_all(all.into_iter().map(|address| self.node(address))).await
        }));
        let (processes, nodes) = join(processes, nodes).await;
        let (scrapes, healths) = processes.into_iter().unzip();
        Round {
            tick: Tick {
                at: Instant::now(),
                scrapes,
            },
            healths,
            nodes: nodes.into_iter().flatten().collect(),
        }
    }

    async fn process(&self, service: Service, address: Arc<str>) -> (Scrape, Option<HealthPage>) {
        let (metrics, health) = join(self.page(&address, "/metrics"), self.page(&address, "/status")).await;
        let answer = match metrics.map(|text| Samples::parse(&text)) {
            Ok(Ok(samples)) => Answer::Read(Arc::new(samples)),
            Err(Failure::Absent) => Answer::Absent,
            Ok(Err(_)) | Err(Failure::Silent) => Answer::Silent,
        };
        let health = health.ok().and_then(|text| serde_json::from_str(&text).ok());
        let scrape = Scrape {
            service,
            address,
            answer,
        };
        (scrape, health)
    }

    async fn node(&self, address: Arc<str>) -> NodeScrape {
        let page = self.page(&address, QUEUES).await.ok();
        let queues = page.and_then(|text| Samples::parse(&text).ok());
        NodeScrape { address, queues }
    }

    async fn page(&self, address: &str, path: &str) -> Result<String, Failure> {
        let failure = |error: reqwest::Error| {
            if error.is_connect() && !error.is_timeout() {
                Failure::Absent
            } else {
                Failure::Silent
            }
        };
        let sent = self.client.get(format!("http://{address}{path}")).send().await;
        let mut answer = sent.map_err(failure)?;
        if !answer.status().is_success() {
            return Err(Failure::Silent);
        }
        let mut page = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failure)? {
            if page.len() + chunk.len() > SIZE_LIMIT {
                return Err(Failure::Silent);
            }
            page.extend_from_slice(&chunk);
        }
        String::from_utf8(page).map_err(|_| Failure::Silent)
    }
}
