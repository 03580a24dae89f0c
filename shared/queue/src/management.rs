//! The broker's management API, for what AMQP does not report. It answers any user with the tag
//! `monitoring`, at every node for the whole cluster.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::de::DeserializeOwned;

use crate::broker::{BrokerUri, each_host, is_this_machine};

/// Limit for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// As [`TIMEOUT`], where another node can be asked.
const NODE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Why an address of the management API is not valid. The error does not repeat it: it may hold a
/// password.
#[derive(Debug, thiserror::Error)]
pub enum InvalidManagementUrl {
    /// It is not such an address.
    #[error("not of the form http://user:password@host:15672, with commas between the hosts of a cluster")]
    Url,
    /// The broker is on another machine, and user and password would go there in clear text.
    #[error(
        "the broker is on another machine, and http:// is clear text: use https://, or set ALLOW_CLEAR_TEXT=true where \
         the network is trusted"
    )]
    ClearText,
    /// No HTTP client can be made.
    #[error("no HTTP client can be made: {0}")]
    Client(#[source] reqwest::Error),
}

/// The management API gave no usable answer. The error names no address, which holds a password.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct ManagementError(reqwest::Error);

impl From<reqwest::Error> for ManagementError {
    fn from(error: reqwest::Error) -> Self {
        Self(error.without_url())
    }
}

/// A client of the management API, for the queues of one virtual host.
#[derive(Debug, Clone)]
pub struct Management {
    client: Client,
    /// The API at each node of the broker; there is at least one.
    at: Arc<[Api]>,
    /// The node that answered last.
    answers: Arc<AtomicUsize>,
}

/// The API's addresses at one node.
#[derive(Debug)]
struct Api {
    nodes: Url,
    queues: Url,
}

impl Api {
    /// `base` is the API's address, as [`Management::new`] takes it.
    fn new(base: &Url, virtual_host: &str) -> Result<Self, InvalidManagementUrl> {
        let at = |path: &[&str]| {
            let mut url = base.clone();
            url.path_segments_mut()
                .map_err(|()| InvalidManagementUrl::Url)?
                .pop_if_empty()
                .push("api")
                .extend(path);
            Ok(url)
        };
        Ok(Self {
            nodes: at(&["nodes"])?,
            queues: at(&["queues", virtual_host])?,
        })
    }
}

impl Management {
    /// Makes a client. `management` is the base address of the broker's management API, with user
    /// and password and commas between the hosts of a cluster; the queues are those of the broker's
    /// virtual host. Clear text is allowed on this machine, and elsewhere only with
    /// `allow_clear_text`.
    ///
    /// # Errors
    /// [`InvalidManagementUrl`].
    pub fn new(
        management: &str,
        broker: &BrokerUri,
        allow_clear_text: bool,
    ) -> Result<Self, InvalidManagementUrl> {
        let hosts = each_host(management).ok_or(InvalidManagementUrl::Url)?;
        let bases: Vec<Url> = hosts
            .iter()
            .map(|base| base.parse().map_err(|_| InvalidManagementUrl::Url))
            .collect::<Result<_, _>>()?;
        for base in &bases {
            let host = base.host_str().ok_or(InvalidManagementUrl::Url)?;
            if base.scheme() != "https" && !is_this_machine(host) && !allow_clear_text {
                return Err(InvalidManagementUrl::ClearText);
            }
        }
        let at: Vec<Api> = bases
            .iter()
            .map(|base| Api::new(base, broker.virtual_host()))
            .collect::<Result<_, _>>()?;
        let limit = if at.len() > 1 { NODE_TIMEOUT } else { TIMEOUT };
        let mut client = Client::builder().timeout(limit);
        if bases.iter().all(|base| base.scheme() == "http") {
            // without TLS no CA certificates are needed, which a machine may lack; no redirect
            // leads to TLS then
            client = client.tls_certs_only([]).redirect(Policy::none());
        }
        Ok(Self {
            client: client.build().map_err(InvalidManagementUrl::Client)?,
            at: at.into(),
            answers: Arc::default(),
        })
    }

    /// Reads the cluster's nodes.
    pub(crate) async fn nodes<T: DeserializeOwned>(&self) -> Result<Vec<T>, ManagementError> {
        self.get(|api| api.nodes.clone()).await
    }

    /// Reads the virtual host's queues, with their statistics.
    pub(crate) async fn queues<T: DeserializeOwned>(&self) -> Result<Vec<T>, ManagementError> {
        self.get(|api| api.queues.clone()).await
    }

    /// Reads the virtual host's queues, without the statistics, which may be many seconds old, but
    /// with the messages in each.
    pub(crate) async fn queue_totals<T: DeserializeOwned>(&self) -> Result<Vec<T>, ManagementError> {
        let totals = |api: &Api| {
            let mut url = api.queues.clone();
            url.set_query(Some("disable_stats=true&enable_queue_totals=true"));
            url
        };
        self.get(totals).await
    }

    /// Asks the node that answered last, then the others.
    async fn get<T: DeserializeOwned>(&self, url: impl Fn(&Api) -> Url) -> Result<T, ManagementError> {
        let (count, first) = (self.at.len(), self.answers.load(Ordering::Relaxed));
        let mut step = 0;
        loop {
            let node = (first + step) % count;
            // before the answer: a caller may not wait for it, and the next one then asks another
            self.answers.store((node + 1) % count, Ordering::Relaxed);
            step += 1;
            match self.ask(url(&self.at[node])).await {
                Ok(answer) => {
                    self.answers.store(node, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(error) if step == count => return Err(error.into()),
                Err(_) => {}
            }
        }
    }

    async fn ask<T: DeserializeOwned>(&self, url: Url) -> reqwest::Result<T> {
        let answer = self.client.get(url).send().await?;
        answer.error_for_status()?.json().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_can_not_be_used_is_not_repeated() {
        let broker: BrokerUri = "amqp://127.0.0.1/%2f".parse().unwrap();
        let error = Management::new("user:secret@nowhere", &broker, false)
            .err()
            .unwrap();
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn a_password_leaves_this_machine_in_clear_text_only_by_consent() {
        let broker: BrokerUri = "amqp://127.0.0.1/%2f".parse().unwrap();
        let asks = |url, allow| Management::new(url, &broker, allow).is_ok();
        assert!(!asks("http://u:p@broker.example:15672", false));
        assert!(asks("http://u:p@broker.example:15672", true));
        for good in [
            "https://u:p@broker.example:15671",
            "http://u:p@127.0.0.1:15672",
            "http://u:p@[::1]:15672",
            "http://u:p@localhost:15672",
        ] {
            assert!(asks(good, false), "{good}");
        }
    }
}
