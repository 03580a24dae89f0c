//! Where the broker is, and one connection to it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use lapin::options::ConfirmSelectOptions;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};

use crate::topology::{self, TopologyError};

/// Seconds between two heartbeats, where the URI doesn't say another number: a peer that vanished without a
/// word is noticed in twice that.
const HEARTBEAT_SECONDS: u16 = 10;
/// Milliseconds for the TCP connection, where the URI doesn't say another number.
const TCP_TIMEOUT_MS: u64 = 5_000;
/// For connecting (TCP, TLS, AMQP handshake and topology), and for what follows it on the channel. Nothing of it has
/// a limit of its own.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Where the broker is: `amqp://user:password@host:port/virtual-host`, or `amqps://…`.
///
/// `Debug` and `Display` show neither user nor password.
#[derive(Clone)]
pub struct BrokerUri(AMQPUri);

/// A text that is no such URI. It isn't repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the broker's URI can't be read; write it as amqp://user:password@host:port/virtual-host")]
pub struct BrokerUriError;

impl FromStr for BrokerUri {
    type Err = BrokerUriError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut uri: AMQPUri = text.parse().map_err(|_| BrokerUriError)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
        uri.query.connection_timeout.get_or_insert(TCP_TIMEOUT_MS);
        Ok(Self(uri))
    }
}

impl fmt::Display for BrokerUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AMQPUri {
            scheme,
            authority,
            vhost,
            ..
        } = &self.0;
        write!(f, "{scheme}://{}:{}/{vhost}", authority.host, authority.port)
    }
}

impl fmt::Debug for BrokerUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The broker can't be reached or refuses.
    #[error("the broker can't be reached: {0}")]
    Broker(#[from] lapin::Error),
    /// No answer in time.
    #[error("the broker didn't answer within {} s", CONNECT_TIMEOUT.as_secs())]
    Timeout,
    /// The queues aren't as they must be.
    #[error(transparent)]
    Topology(#[from] TopologyError),
}

/// A connection with one channel on it. Neither recovers by itself: after any error both are built anew.
pub(crate) struct Link {
    pub(crate) connection: Connection,
    pub(crate) channel: Channel,
}

impl Link {
    /// Connects and declares the topology. `name` is what the broker's operators see.
    pub(crate) async fn open(uri: &BrokerUri, name: &str) -> Result<Self, ConnectError> {
        in_time(async {
            let link = Self::open_bare(uri, name).await?;
            topology::declare(&link.channel).await?;
            Ok(link)
        })
        .await
    }

    /// Makes the broker confirm what is published on the channel.
    pub(crate) async fn select_confirms(&self) -> Result<(), ConnectError> {
        in_time(async {
            Ok(self
                .channel
                .confirm_select(ConfirmSelectOptions::default())
                .await?)
        })
        .await
    }

    /// Connects without declaring anything; the caller limits the time.
    async fn open_bare(uri: &BrokerUri, name: &str) -> Result<Self, ConnectError> {
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connection = Connection::connect_uri(uri.0.clone(), properties).await?;
        let channel = connection.create_channel().await?;
        Ok(Self { connection, channel })
    }

    pub(crate) fn is_open(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Whether the broker takes no publishes now, for lack of memory or disk.
    pub(crate) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Closes channel and connection in order. Best effort: what isn't closed in time ends with the process.
    pub(crate) async fn close(self) {
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

/// One step of connecting, given up when the broker takes too long: a recovering broker may never answer, and a
/// consumer that waits for ever keeps the messages that it was given. What was opened is closed as it is dropped.
pub(crate) async fn in_time<T>(
    step: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    tokio::time::timeout(CONNECT_TIMEOUT, step)
        .await
        .unwrap_or(Err(ConnectError::Timeout))
}

/// Delays between attempts to connect: from a tenth of a second to three, doubling, with jitter so that a
/// restarted broker isn't met by everybody at once. It never ends.
pub(crate) fn delays() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(MAX_DELAY)
        .with_jitter()
        .without_max_times()
        .build()
}

/// The longest delay, before jitter.
pub(crate) const MAX_DELAY: Duration = Duration::from_secs(3);
