//! Checks that each lasting queue has as many members as the cluster can give it.
//!
//! A quorum queue gets its members when it is declared, on the nodes that run at the time, and no
//! more by itself later. A queue declared while one node of three ran alone stays on one disk for
//! ever. AMQP does not report that; the management API does, to any user with the tag `monitoring`.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sportello_domain::Channel;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::broker::{BrokerUri, is_this_machine};
use crate::topology::{CHANNEL_SETTINGS, DEAD_LETTER, MEMBERS, UNROUTED, queue_name};

const EVERY: Duration = Duration::from_secs(60);
/// Limit for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The last finding about the queues' members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// The management API was not asked yet.
    Unknown,
    /// Each queue has as many members as the cluster has nodes, three at most.
    Full,
    /// A queue has fewer, or is not there.
    Thin,
    /// The management API can't be asked.
    Unreachable,
}

/// Looks at the queues' members each minute, until it is dropped.
#[derive(Debug)]
pub struct Members {
    known: watch::Receiver<Membership>,
    _task: DropGuard,
}

/// Why an address of the management API is not valid. The error does not repeat it: it may hold a
/// password.
#[derive(Debug, thiserror::Error)]
pub enum InvalidManagementUrl {
    /// It is not such an address.
    #[error("not of the form http://user:password@host:15672")]
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

#[derive(Debug, Deserialize)]
struct Node {}

#[derive(Debug, Deserialize)]
struct Queue {
    name: String,
    #[serde(default)]
    members: Vec<String>,
}

/// A queue with too few members.
#[derive(Debug, PartialEq, Eq)]
struct Thin {
    queue: &'static str,
    members: usize,
    wanted: usize,
}

impl Members {
    /// Starts looking on the current runtime. `management` is the base address of the broker's
    /// management API, with user and password; the queues are those of the broker's virtual host.
    /// Clear text is allowed on this machine, and elsewhere only with `allow_clear_text`.
    ///
    /// # Errors
    /// [`InvalidManagementUrl`].
    pub fn watch(
        management: &str,
        broker: &BrokerUri,
        allow_clear_text: bool,
    ) -> Result<Self, InvalidManagementUrl> {
        let api = Api::new(management, broker, allow_clear_text)?;
        let (says, known) = watch::channel(Membership::Unknown);
        let closing = CancellationToken::new();
        let until_closed = closing.clone();
        tokio::spawn(async move { until_closed.run_until_cancelled(api.look(says)).await });
        Ok(Self {
            known,
            _task: closing.drop_guard(),
        })
    }

    /// Returns the last finding.
    #[must_use]
    pub fn now(&self) -> Membership {
        *self.known.borrow()
    }
}

struct Api {
    client: Client,
    nodes: Url,
    queues: Url,
}

impl Api {
    fn new(
        management: &str,
        broker: &BrokerUri,
        allow_clear_text: bool,
    ) -> Result<Self, InvalidManagementUrl> {
        let base: Url = management.parse().map_err(|_| InvalidManagementUrl::Url)?;
        let host = base.host_str().ok_or(InvalidManagementUrl::Url)?;
        if base.scheme() != "https" && !is_this_machine(host) && !allow_clear_text {
            return Err(InvalidManagementUrl::ClearText);
        }
        let at = |path: &[&str]| {
            let mut url = base.clone();
            url.path_segments_mut()
                .map_err(|()| InvalidManagementUrl::Url)?
                .pop_if_empty()
                .push("api")
                .extend(path);
            Ok(url)
        };
        let mut client = Client::builder().timeout(TIMEOUT);
        if base.scheme() == "http" {
            // without TLS no CA certificates are needed, which a machine may lack; no redirect
            // leads to TLS then
            client = client.tls_certs_only([]).redirect(Policy::none());
        }
        let client = client.build();
        Ok(Self {
            client: client.map_err(InvalidManagementUrl::Client)?,
            nodes: at(&["nodes"])?,
            queues: at(&["queues", broker.virtual_host()])?,
        })
    }

    async fn look(&self, says: watch::Sender<Membership>) {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            ticks.tick().await;
            let found = self.membership().await;
            says.send_replace(found);
        }
    }

    async fn membership(&self) -> Membership {
        let answers = async {
            let nodes: Vec<Node> = self.get(&self.nodes).await?;
            let queues: Vec<Queue> = self.get(&self.queues).await?;
            Ok::<_, reqwest::Error>(thin(nodes.len(), &queues))
        };
        match answers.await {
            Ok(thin) if thin.is_empty() => Membership::Full,
            Ok(thin) => {
                for Thin {
                    queue,
                    members,
                    wanted,
                } in thin
                {
                    tracing::warn!(queue, members, wanted, "a queue has too few members");
                }
                Membership::Thin
            }
            Err(error) => {
                // without its address, which holds a password
                let error = error.without_url();
                tracing::warn!(%error, "the broker's management API can't be asked");
                Membership::Unreachable
            }
        }
    }

    async fn get<T: DeserializeOwned>(&self, url: &Url) -> Result<T, reqwest::Error> {
        let answer = self.client.get(url.clone()).send().await?;
        answer.error_for_status()?.json().await
    }
}

/// Returns the queues that have fewer members than there are nodes, three at most; missing queues
/// have none.
fn thin(nodes: usize, queues: &[Queue]) -> Vec<Thin> {
    let wanted = nodes.min(MEMBERS.into());
    let lasting = Channel::ALL.map(queue_name);
    let lasting = lasting
        .into_iter()
        .chain([DEAD_LETTER, UNROUTED, CHANNEL_SETTINGS]);
    lasting
        .map(|queue| Thin {
            queue,
            members: (queues.iter().find(|found| found.name == queue)).map_or(0, |found| found.members.len()),
            wanted,
        })
        .filter(|thin| thin.members < wanted)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answer of a cluster of three (RabbitMQ 3.10.8): one queue was declared while the first node
    /// ran alone.
    const OF_THREE_NODES: &str = include_str!("members/queues_of_three_nodes.json");

    fn of_three() -> Vec<Queue> {
        serde_json::from_str(OF_THREE_NODES).unwrap()
    }

    #[test]
    fn a_queue_declared_while_one_of_three_nodes_ran_is_thin() {
        let thin = thin(3, &of_three());
        let expected = Thin {
            queue: "applications.citizen",
            members: 1,
            wanted: 3,
        };
        assert_eq!(thin, [expected]);
    }

    #[test]
    fn members_are_asked_for_as_far_as_there_are_nodes_and_three_at_most() {
        assert_eq!(thin(1, &of_three()), []);
        assert_eq!(thin(2, &of_three())[0].wanted, 2);
        assert_eq!(thin(5, &of_three())[0].wanted, 3);
        assert_eq!(thin(1, &[]).len(), 5, "what is not there has no members");
    }

    #[test]
    fn an_address_that_can_not_be_used_is_not_repeated() {
        let broker: BrokerUri = "amqp://127.0.0.1/%2f".parse().unwrap();
        let error = Api::new("user:secret@nowhere", &broker, false).err().unwrap();
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn a_password_leaves_this_machine_in_clear_text_only_by_consent() {
        let broker: BrokerUri = "amqp://127.0.0.1/%2f".parse().unwrap();
        let asks = |url, allow| Api::new(url, &broker, allow).is_ok();
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
