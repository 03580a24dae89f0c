//! The broker's address, which may name several nodes.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use lapin::uri::{AMQPAuthority, AMQPScheme, AMQPUri};

use super::nodes::Nodes;
use crate::shards::Shards;
use crate::topology::Topology;

/// Seconds between two heartbeats, unless the URI sets another number. A lost peer is noticed after
/// two intervals.
const HEARTBEAT_SECONDS: u16 = 10;
/// Milliseconds for the TCP connection, unless the URI sets another number.
const TCP_TIMEOUT_MS: u64 = 5_000;

/// The broker's address: `amqp://user:password@host:port/virtual-host`, or `amqps://…`, with commas
/// between the nodes of a cluster: `amqp://user:password@one:port,two:port/virtual-host`; the
/// topology mode of its connections, [`Topology::Declare`] by default; and the number of each
/// channel's queues, one by default.
///
/// Clones share what is known of the nodes: which comes next, and which failed lately. `Debug` and
/// `Display` show neither user nor password.
#[derive(Clone)]
pub struct BrokerUri {
    pub(super) nodes: Arc<Nodes>,
    pub(super) topology: Topology,
    shards: Shards,
}

/// A text that is not such a URI. The error does not repeat it, since it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the broker's URI can't be read; write it as amqp://user:password@host:port/virtual-host, with commas between the \
     hosts of a cluster"
)]
pub struct BrokerUriError;

/// The broker is on another machine, and the connection would be in clear text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the broker is on another machine, and amqp:// is clear text: use amqps://, or set ALLOW_CLEAR_TEXT=true where the \
     network is trusted"
)]
pub struct ClearTextError;

impl BrokerUri {
    /// Returns the same broker with another topology mode.
    #[must_use]
    pub fn with_topology(self, topology: Topology) -> Self {
        Self { topology, ..self }
    }

    /// Returns the same broker with another number of queues for each channel.
    #[must_use]
    pub fn with_shards(self, shards: Shards) -> Self {
        Self { shards, ..self }
    }

    /// Returns the number of each channel's queues.
    #[must_use]
    pub fn shards(&self) -> Shards {
        self.shards
    }

    /// Returns the name of the virtual host.
    #[must_use]
    pub fn virtual_host(&self) -> &str {
        &self.nodes.first().vhost
    }

    /// Returns whether there are other nodes to go to when one fails.
    #[must_use]
    pub fn has_several_nodes(&self) -> bool {
        self.nodes.all().count() > 1
    }

    /// Returns the same address, unless a connection would be in clear text to another machine and
    /// that is not allowed.
    ///
    /// # Errors
    /// [`ClearTextError`].
    pub fn guarded(self, allow_clear_text: bool) -> Result<Self, ClearTextError> {
        let is_safe = |uri: &AMQPUri| match uri.scheme {
            AMQPScheme::AMQPS => true,
            AMQPScheme::AMQP => is_this_machine(&uri.authority.host),
        };
        if allow_clear_text || self.nodes.all().all(is_safe) {
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

/// Returns an address for each host of `scheme://user:password@one:port,two:port/path`; `None`
/// where one of several is empty.
pub(crate) fn each_host(address: &str) -> Option<Vec<String>> {
    let begin = address.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = address.split_at(begin);
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let hosts: Vec<&str> = hosts.split(',').collect();
    let is_empty = |host: &&str| host.is_empty() || host.starts_with(':');
    if hosts.len() > 1 && hosts.iter().any(is_empty) {
        return None;
    }
    let address_of = |host| format!("{scheme}{user}{host}{path}");
    Some(hosts.into_iter().map(address_of).collect())
}

/// Returns the IPv6 address that is an address's host, which the parser of the URI leaves out. It
/// stands in brackets (RFC 3986, section 3.2.2).
fn ipv6(address: &str) -> Result<Option<String>, BrokerUriError> {
    let begin = address.find("://").map_or(0, |at| at + 3);
    let authority = address[begin..].split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let Some((host, _port)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) else {
        return Ok(None);
    };
    let host: Ipv6Addr = host.parse().map_err(|_| BrokerUriError)?;
    Ok(Some(host.to_string()))
}

impl FromStr for BrokerUri {
    type Err = BrokerUriError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let node = |text: String| {
            let mut uri: AMQPUri = text.parse().map_err(|_| BrokerUriError)?;
            if let Some(host) = ipv6(&text)? {
                uri.authority.host = host;
            }
            uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
            uri.query.connection_timeout.get_or_insert(TCP_TIMEOUT_MS);
            Ok(uri)
        };
        let nodes = each_host(text).ok_or(BrokerUriError)?;
        let nodes: Vec<AMQPUri> = nodes.into_iter().map(node).collect::<Result<_, _>>()?;
        Ok(Self {
            nodes: Arc::new(Nodes::new(nodes).ok_or(BrokerUriError)?),
            topology: Topology::default(),
            shards: Shards::default(),
        })
    }
}

impl fmt::Display for BrokerUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AMQPUri { scheme, vhost, .. } = self.nodes.first();
        let hosts = self.nodes.all().map(|uri| {
            let AMQPAuthority { host, port, .. } = &uri.authority;
            match host.parse::<Ipv6Addr>() {
                Ok(host) => format!("[{host}]:{port}"),
                Err(_) => format!("{host}:{port}"),
            }
        });
        let hosts: Vec<String> = hosts.collect();
        write!(f, "{scheme}://{}/{vhost}", hosts.join(","))
    }
}

impl fmt::Debug for BrokerUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_leaves_this_machine_only_by_consent() {
        let guarded = |uri: &str, allow| uri.parse::<BrokerUri>().unwrap().guarded(allow).is_ok();
        for clear in [
            "amqp://u:p@broker.example/v",
            "amqp://u:p@127.0.0.1,broker.example/v",
        ] {
            assert!(!guarded(clear, false), "{clear}");
            assert!(guarded(clear, true), "{clear}");
        }
        for good in [
            "amqps://u:p@broker.example/v",
            "amqps://u:p@one.example,two.example/v",
            "amqp://u:p@127.0.0.1/v",
            "amqp://u:p@localhost:5672,127.0.0.1:5673/v",
        ] {
            assert!(guarded(good, false), "{good}");
        }
    }

    #[test]
    fn an_address_names_each_node_and_shows_no_password() {
        let uri: BrokerUri = "amqp://user:secret@one:1,two,127.0.0.1:3/v%2f?heartbeat=4"
            .parse()
            .unwrap();
        assert_eq!(uri.to_string(), "amqp://one:1,two:5672,127.0.0.1:3/v/");
        for node in uri.nodes.all() {
            assert_eq!(node.authority.userinfo.password, "secret");
            assert_eq!(node.query.heartbeat, Some(4));
        }
    }

    #[test]
    fn an_ipv6_address_is_a_host() {
        let uri: BrokerUri = "amqp://u:p@[::1]:1,[::1],one/v".parse().unwrap();
        assert_eq!(uri.to_string(), "amqp://[::1]:1,[::1]:5672,one:5672/v");
        assert!(uri.guarded(false).is_err());
        let uri: BrokerUri = "amqp://u:p@[::1]:5672/v".parse().unwrap();
        assert_eq!(uri.nodes.first().authority.host, "::1");
        assert!(uri.guarded(false).is_ok());
        assert!("amqp://u:p@[localhost]/v".parse::<BrokerUri>().is_err());
    }

    #[test]
    fn a_host_without_a_name_is_refused_among_several() {
        for bad in [
            "amqp://u:p@one,,two/v",
            "amqp://u:p@one,/v",
            "amqp://u:p@:1,two/v",
        ] {
            assert!(bad.parse::<BrokerUri>().is_err(), "{bad}");
        }
    }
}
