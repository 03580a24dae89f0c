//! Connections to the broker.

mod nodes;
mod uri;

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use lapin::options::ConfirmSelectOptions;
use lapin::{Channel, Connection, ConnectionProperties};

use crate::shards::ShardQueue;
use crate::topology::{self, Topology, TopologyError};
use nodes::Nodes;

pub use uri::{BrokerUri, BrokerUriError, ClearTextError};
pub(crate) use uri::{each_host, is_this_machine};

/// Limit for connecting (TCP, TLS, AMQP handshake and topology), and for the set-up of the AMQP
/// channel. None of these steps has a limit of its own.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Limit for connecting to one of several nodes: so many are tried within the other limit.
const NODE_TIMEOUT: Duration = Duration::from_secs(3);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The broker can't be reached or refuses.
    #[error("the broker can't be reached: {0}")]
    Broker(#[from] lapin::Error),
    /// The broker did not answer in time.
    #[error("the broker didn't answer in time")]
    Timeout,
    /// The exchanges or queues are missing or differ.
    #[error(transparent)]
    Topology(#[from] TopologyError),
}

/// A connection with one AMQP channel. Neither recovers by itself: after any error both are built
/// anew.
pub struct Link {
    /// The connection.
    pub connection: Connection,
    /// Its AMQP channel.
    pub channel: Channel,
    node: usize,
    nodes: Arc<Nodes>,
}

impl Link {
    /// Connects and declares the topology, or checks that it is there. `name` is the connection's
    /// name at the broker. Of several nodes it takes the first that works, each time starting with
    /// another one.
    ///
    /// # Errors
    /// [`ConnectError`]: the broker is away, or its topology differs. With several nodes it is that
    /// of the last one.
    pub async fn open(uri: &BrokerUri, name: &str) -> Result<Self, ConnectError> {
        let limit = match uri.topology {
            Topology::Expect if uri.has_several_nodes() => NODE_TIMEOUT,
            // a cluster takes its time to make queues
            Topology::Expect | Topology::Declare => CONNECT_TIMEOUT,
        };
        let mut last = ConnectError::Timeout;
        for node in uri.nodes.in_turn() {
            match within(limit, Self::open_at(uri, node, name)).await {
                Ok(link) => {
                    uri.nodes.works(node);
                    return Ok(link);
                }
                Err(error) => {
                    uri.nodes.failed(node);
                    last = error;
                }
            }
        }
        Err(last)
    }

    /// Enables publisher confirms on the AMQP channel.
    ///
    /// # Errors
    /// [`ConnectError`]: the connection has ended.
    pub async fn select_confirms(&self) -> Result<(), ConnectError> {
        in_time(async {
            Ok(self
                .channel
                .confirm_select(ConfirmSelectOptions::default())
                .await?)
        })
        .await
    }

    /// Opens another AMQP channel with publisher confirms, and closes the one before.
    ///
    /// # Errors
    /// [`ConnectError`]: the connection has ended, or the node does not answer within `limit`.
    pub(crate) async fn renew_channel(&mut self, limit: Duration) -> Result<(), ConnectError> {
        let opening = async {
            // it closes the one before by dropping it
            self.channel = self.connection.create_channel().await?;
            self.select_confirms().await
        };
        within(limit, opening).await
    }

    /// Declares one of a channel's queues, or checks that it is there. The only queue of a channel
    /// is there already.
    pub(crate) async fn ensure_queue(&self, uri: &BrokerUri, queue: ShardQueue) -> Result<(), ConnectError> {
        if uri.shards().is_one() {
            return Ok(());
        }
        in_time(async { Ok(topology::ensure_shard(&self.channel, uri.topology, queue).await?) }).await
    }

    /// Connects to one node; the caller limits the time.
    async fn open_at(uri: &BrokerUri, node: usize, name: &str) -> Result<Self, ConnectError> {
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connection = Connection::connect_uri(uri.nodes.uri(node).clone(), properties).await?;
        let channel = connection.create_channel().await?;
        topology::ensure(&channel, uri.topology, uri.shards()).await?;
        Ok(Self {
            connection,
            channel,
            node,
            nodes: Arc::clone(&uri.nodes),
        })
    }

    /// Records that the node does not serve this connection any more: the next connections go to
    /// others first.
    pub fn avoid_node(&self) {
        self.nodes.failed(self.node);
    }

    /// Returns whether connection and AMQP channel are open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Returns whether the broker accepts no publishes now, for lack of memory or disk.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Closes AMQP channel and connection in order. Best effort: an unfinished close ends with the
    /// process.
    pub async fn close(self) {
        const OK: u16 = 200;
        let closing = async {
            self.channel.close(OK, "OK".into()).await?;
            self.connection.close(OK, "OK".into()).await
        };
        match tokio::time::timeout(CLOSE_TIMEOUT, closing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the connection had ended before it was closed"),
            Err(_) => tracing::debug!("the broker didn't confirm the close in time"),
        }
    }
}

/// Declares all exchanges and queues at the broker, those of its shards too, over its own
/// connection; existing ones stay as they are.
///
/// # Errors
/// [`ConnectError`] has the broker's reason.
pub async fn declare_topology(uri: &BrokerUri) -> Result<(), ConnectError> {
    let uri = uri.clone().with_topology(Topology::Declare);
    let link = Link::open(&uri, "topology").await?;
    for queue in uri.shards().all_queues() {
        link.ensure_queue(&uri, queue).await?;
    }
    link.close().await;
    Ok(())
}

/// Limits one step of connecting. A recovering broker may never answer, and a consumer that waits
/// for ever keeps the messages that it has. A connection that was opened is closed when dropped.
///
/// # Errors
/// Those of the step, or [`ConnectError::Timeout`].
pub async fn in_time<T>(step: impl Future<Output = Result<T, ConnectError>>) -> Result<T, ConnectError> {
    within(CONNECT_TIMEOUT, step).await
}

async fn within<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    tokio::time::timeout(limit, step)
        .await
        .unwrap_or(Err(ConnectError::Timeout))
}

/// Returns the delays between attempts to connect: from a tenth of a second to three, doubling,
/// without end. The jitter prevents that all clients reconnect at once to a restarted broker.
#[must_use]
pub fn delays() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(MAX_DELAY)
        .with_jitter()
        .without_max_times()
        .build()
}

/// The longest delay, before jitter.
pub const MAX_DELAY: Duration = Duration::from_secs(3);
