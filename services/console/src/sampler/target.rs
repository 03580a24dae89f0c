//! The processes and nodes that the console asks.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

/// The kind of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// `services/intake`.
    Intake,
    /// `services/worker`.
    Worker,
    /// `services/status`.
    Status,
    /// `services/portal`.
    Portal,
}

impl Service {
    /// Returns its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Worker => "worker",
            Self::Status => "status",
            Self::Portal => "portal",
        }
    }
}

/// The internal address of one process or of several: `host:port`. A name stands for all its
/// addresses, such as those of a headless service, and is resolved anew each second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Arc<str>);

/// The text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address is host:port, without http:// and without a path")]
pub struct AddressError;

impl Address {
    /// Returns the address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns every address that it stands for now, in order; itself where it can't be resolved.
    pub(crate) async fn resolve(&self) -> Vec<Arc<str>> {
        if self.0.parse::<SocketAddr>().is_ok() {
            return vec![Arc::clone(&self.0)];
        }
        match tokio::net::lookup_host(&*self.0).await {
            Ok(found) => {
                let mut found: Vec<Arc<str>> = found.map(|address| address.to_string().into()).collect();
                found.sort();
                found.dedup();
                found
            }
            Err(_) => vec![Arc::clone(&self.0)],
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.rsplit_once(':').ok_or(AddressError)?;
        let is_host = !host.is_empty() && !host.contains(['/', '@', ' ']);
        if is_host && port.parse::<u16>().is_ok() {
            Ok(Self(text.into()))
        } else {
            Err(AddressError)
        }
    }
}

/// Every address that the console asks, by kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Targets {
    pub(crate) services: Vec<(Service, Address)>,
    pub(crate) nodes: Vec<Address>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for good in ["127.0.0.1:9080", "[::1]:9080", "worker.sportello.svc:9082"] {
            assert_eq!(
                good.parse::<Address>().map(|it| it.as_str().to_owned()),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "",
            "worker",
            ":9080",
            "http://worker:9080",
            "a:b",
            "a:99999",
            "a/b:1",
        ] {
            assert_eq!(bad.parse::<Address>(), Err(AddressError), "{bad}");
        }
    }
}
