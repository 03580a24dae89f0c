//! The broker's address, and one connection to it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use lapin::options::ConfirmSelectOptions;
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties};

use crate::topology::{self, Topology, TopologyError};

/// Seconds between two heartbeats, unless the URI sets another number. A lost peer is noticed after
/// two intervals.
const HEARTBEAT_SECONDS: u16 = 10;
/// Milliseconds for the TCP connection, unless the URI sets another number.
const TCP_TIMEOUT_MS: u64 = 5_000;
/// Limit for connecting (TCP, TLS, AMQP handshake and topology), and for the set-up of the AMQP
/// channel. None of these steps has a limit of its own.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The broker's address: `amqp://user:password@host:port/virtual-host`, or `amqps://…`; and the
/// topology mode of its connections, [`Topology::Declare`] by default.
///
/// `Debug` and `Display` show neither user nor password.
#[derive(Clone)]
pub struct BrokerUri {
    uri: AMQPUri,
    topology: Topology,
}

impl BrokerUri {
    /// Returns the same broker with another topology mode.
    #[must_use]
    pub fn with_topology(self, topology: Topology) -> Self {
        Self { topology, ..self }
    }

    /// Returns the name of the virtual host.
    #[must_use]
    pub fn virtual_host(&self) -> &str {
        &self.uri.vhost
    }
}

/// A text that is not such a URI. The error does not repeat it, since it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the broker's URI can't be read; write it as amqp://user:password@host:port/virtual-host")]
pub struct BrokerUriError;

/// The broker is on another machine, and the connection would be in clear text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the broker is on another machine, and amqp:// is clear text: use amqps://, or set ALLOW_CLEAR_TEXT=true where the \
     network is trusted"
)]
pub struct ClearTextError;

impl BrokerUri {
    /// Returns the same address, unless the connection would be in clear text to another machine
    /// and that is not allowed.
    ///
    /// # Errors
    /// [`ClearTextError`].
    pub fn guarded(self, allow_clear_text: bool) -> Result<Self, ClearTextError> {
        let is_safe = match self.uri.scheme {
            AMQPScheme::AMQPS => true,
            AMQPScheme::AMQP => is_this_machine(&self.uri.authority.host),
        };
        if is_safe || allow_clear_text {
            Ok(self)
        } else {
            Err(ClearTextError)
        }
    }
}

/// Returns whether a host of a URI is this machine.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    is_loopback || host == "localhost"
}

impl FromStr for BrokerUri {
    type Err = BrokerUriError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut uri: AMQPUri = text.parse().map_err(|_| BrokerUriError)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
        uri.query.connection_timeout.get_or_insert(TCP_TIMEOUT_MS);
        Ok(Self {
            uri,
            topology: Topology::default(),
        })
    }
}

impl fmt::Display for BrokerUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AMQPUri {
            scheme,
            authority,
            vhost,
            ..
        } = &self.uri;
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
    /// The broker did not answer in time.
    #[error("the broker didn't answer within {} s", CONNECT_TIMEOUT.as_secs())]
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
}

impl Link {
    /// Connects and declares the topology, or checks that it is there. `name` is the connection's
    /// name at the broker.
    ///
    /// # Errors
    /// [`ConnectError`]: the broker is away, or its topology differs.
    pub async fn open(uri: &BrokerUri, name: &str) -> Result<Self, ConnectError> {
        in_time(async {
            let link = Self::open_bare(uri, name).await?;
            topology::ensure(&link.channel, uri.topology).await?;
            Ok(link)
        })
        .await
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

    /// Connects without declaring anything; the caller limits the time.
    async fn open_bare(uri: &BrokerUri, name: &str) -> Result<Self, ConnectError> {
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connection = Connection::connect_uri(uri.uri.clone(), properties).await?;
        let channel = connection.create_channel().await?;
        Ok(Self { connection, channel })
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

/// Declares all exchanges and queues at the broker, over its own connection; existing ones stay as
/// they are.
///
/// # Errors
/// [`ConnectError`] has the broker's reason.
pub async fn declare_topology(uri: &BrokerUri) -> Result<(), ConnectError> {
    let uri = uri.clone().with_topology(Topology::Declare);
    Link::open(&uri, "topology").await?.close().await;
    Ok(())
}

/// Limits one step of connecting. A recovering broker may never answer, and a consumer that waits
/// for ever keeps the messages that it has. A connection that was opened is closed when dropped.
///
/// # Errors
/// Those of the step, or [`ConnectError::Timeout`].
pub async fn in_time<T>(step: impl Future<Output = Result<T, ConnectError>>) -> Result<T, ConnectError> {
    tokio::time::timeout(CONNECT_TIMEOUT, step)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_leaves_this_machine_only_by_consent() {
        let guarded = |uri: &str, allow| uri.parse::<BrokerUri>().unwrap().guarded(allow).is_ok();
        assert!(!guarded("amqp://u:p@broker.example/v", false));
        assert!(guarded("amqp://u:p@broker.example/v", true));
        for good in [
            "amqps://u:p@broker.example/v",
            "amqp://u:p@127.0.0.1/v",
            "amqp://u:p@localhost:5672/v",
        ] {
            assert!(guarded(good, false), "{good}");
        }
    }
}
