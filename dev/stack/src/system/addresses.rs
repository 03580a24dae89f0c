//! Where the parts of a system are reached.

use super::{Setup, System};
use crate::{Account, Part, RabbitMq};

impl System {
    /// Returns the address of the benefits database, for its owner; with a standby, that of the
    /// present primary.
    #[must_use]
    pub fn database_url(&self) -> String {
        let Setup {
            database_url,
            cluster,
            ..
        } = &self.memory.setup;
        match database_url {
            Some(external) => external.clone(),
            None if *cluster => self.pair.primary().url(),
            None => self.postgres.url(),
        }
    }

    /// Returns the address of the broker, for its administrator. In a cluster it names all nodes.
    #[must_use]
    pub fn amqp_url(&self) -> String {
        let Setup {
            amqp_url, cluster, ..
        } = &self.memory.setup;
        match amqp_url {
            Some(external) => external.clone(),
            None if *cluster => self.cluster.url(),
            None => self.rabbitmq.url(),
        }
    }

    /// Returns the address of the benefits database, for a service with the rights of its role;
    /// with a standby it names both servers. At an external server it is the owner's.
    #[must_use]
    pub fn database_url_of(&self, account: Account) -> String {
        let Setup {
            database_url,
            cluster,
            ..
        } = &self.memory.setup;
        match database_url {
            Some(external) => external.clone(),
            None if *cluster => account.address(&self.pair.url()),
            None => account.address(&self.postgres.url()),
        }
    }

    /// Returns the address of the broker, for a service with its own permissions. At an external
    /// broker it is the administrator's.
    #[must_use]
    pub fn amqp_url_of(&self, account: Account) -> String {
        let administrators = self.amqp_url();
        match self.memory.setup.amqp_url {
            Some(_) => administrators,
            None => account.address(&administrators),
        }
    }

    /// Returns the address of the private broker's management API, for its administrator.
    pub(crate) fn management_url(&self) -> Option<String> {
        let Setup {
            amqp_url, cluster, ..
        } = &self.memory.setup;
        match amqp_url {
            Some(_) => None,
            None if *cluster => Some(self.cluster.management_url()),
            None => Some(self.rabbitmq.management_url()),
        }
    }

    /// Returns the addresses of the private broker's metrics for Prometheus, one for each node:
    /// each knows the queues that it leads.
    #[must_use]
    pub fn broker_metrics_urls(&self) -> Vec<String> {
        if self.memory.setup.cluster {
            let nodes = self.cluster.all().iter();
            nodes.map(RabbitMq::metrics_url).collect()
        } else {
            vec![self.rabbitmq.metrics_url()]
        }
    }

    /// Returns the base address of a part, without a final slash; `None` before its first start.
    #[must_use]
    pub fn url(&self, part: Part) -> Option<String> {
        self.memory
            .ports
            .get(&part.to_string())
            .map(|port| format!("http://127.0.0.1:{port}"))
    }

    /// Returns the base address at which browsers reach a part: its site's or the gateway's where
    /// there is one. The identity provider is never behind the gateway.
    #[must_use]
    pub fn public_url(&self, part: Part) -> String {
        let has_gateway = self.memory.setup.portal_assets.is_some() && part != Part::IdentityProvider;
        let gateway = || has_gateway.then(|| self.url(Part::Gateway)).flatten();
        let url = self.site(part).or_else(gateway).or_else(|| self.url(part));
        url.unwrap_or_default()
    }

    pub(crate) fn tls_port(&self) -> Option<u16> {
        self.memory.ports.get(&Part::Gateway.tls_name()?).copied()
    }

    /// Returns the base address at which operators' browsers reach the console; `None` before the
    /// gateway's first start.
    #[must_use]
    pub fn console_url(&self) -> Option<String> {
        let port = self.memory.ports.get(&Part::Gateway.operators_name()?)?;
        Some(format!("http://127.0.0.1:{port}"))
    }

    /// Returns the addresses of the private broker's metrics: host and port, with commas between.
    pub(crate) fn broker_metrics(&self) -> Option<String> {
        let urls = self.broker_metrics_urls();
        let address = |url: &String| {
            let address = url.trim_start_matches("http://").trim_end_matches("/metrics");
            address.to_owned()
        };
        let addresses: Vec<_> = urls.iter().map(address).collect();
        let is_private = self.memory.setup.amqp_url.is_none();
        is_private.then(|| addresses.join(","))
    }

    /// Returns the base address of a part's health pages and metrics; `None` before its first
    /// start.
    #[must_use]
    pub fn internal_url(&self, part: Part) -> Option<String> {
        let Some(name) = part.internal_name() else {
            return self.url(part);
        };
        let port = self.memory.ports.get(&name)?;
        Some(format!("http://127.0.0.1:{port}"))
    }
}
