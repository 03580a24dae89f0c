//! Three RabbitMQ nodes that make one broker.
//!
//! Each has ports of its own; they share a cookie, and a port mapper (epmd) that no other node
//! uses. They find each other by host names (`n1` to `n3`), so that a caller can put proxies
//! between any two of them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{RabbitMq, USER, end_port_mapper};
use crate::run_as::RunAs;
use crate::{Error, Result, ports, state};

/// The file in a node's folder with the addresses of the others.
pub(super) const HOSTS_FILE: &str = "inetrc";
/// The file with the secret by which nodes and tools authenticate to each other.
const COOKIE_FILE: &str = ".erlang.cookie";

const NODES: usize = 3;

/// Seconds until a silent node counts as gone: a partition is noticed after a quarter more at most.
const TICK_SECONDS: u8 = 5;

/// What a node of a cluster knows of all nodes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Membership {
    cookie: String,
    nodes: Vec<Peer>,
}

/// A node, as another one sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Peer {
    name: String,
    host: String,
    address: Ipv4Addr,
}

impl Membership {
    /// Returns the files of a node, with their contents.
    pub(super) fn files(&self) -> [(&'static str, String); 2] {
        // a second line for an address would replace the first
        let mut hosts: BTreeMap<Ipv4Addr, Vec<String>> = BTreeMap::new();
        for peer in &self.nodes {
            hosts
                .entry(peer.address)
                .or_default()
                .push(format!("\"{}\"", peer.host));
        }
        let line = |(address, names): (&Ipv4Addr, &Vec<String>)| {
            let address = address.to_string().replace('.', ",");
            format!("{{host, {{{address}}}, [{}]}}.\n", names.join(","))
        };
        let hosts: String = hosts.iter().map(line).collect();
        [
            (HOSTS_FILE, format!("{{lookup, [file, native]}}.\n{hosts}")),
            (COOKIE_FILE, self.cookie.clone()),
        ]
    }

    /// Returns the part of `rabbitmq.conf` about the cluster.
    pub(super) fn configuration(&self) -> String {
        let nodes = self.nodes.iter().enumerate();
        let nodes = nodes.map(|(index, Peer { name, .. })| {
            format!("cluster_formation.classic_config.nodes.{} = {name}\n", index + 1)
        });
        format!(
            "cluster_formation.peer_discovery_backend = classic_config\n\
             {}\
             cluster_partition_handling = pause_minority\n\
             net_ticktime = {TICK_SECONDS}\n",
            nodes.collect::<String>()
        )
    }
}

/// The way from one node to another: proxies may listen there and forward to 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The node that connects, counted from 0.
    pub from: usize,
    /// The node that it connects to.
    pub to: usize,
    /// The address at which `from` looks for `to`.
    pub address: Ipv4Addr,
    /// The ports there: of the port mapper, and of the node itself. They are the same at 127.0.0.1.
    pub ports: [u16; 2],
}

/// Three nodes, with the data of each in a folder.
#[derive(Debug)]
pub struct Cluster {
    nodes: [RabbitMq; NODES],
}

impl Cluster {
    /// Opens the nodes with their data in `rabbitmq-1` to `rabbitmq-3` of a folder, running or not;
    /// `log` is the log file of each by its name.
    ///
    /// # Errors
    ///
    /// When a state file can't be read.
    pub fn at(folder: &Path, log: impl Fn(&str) -> PathBuf) -> Result<Self> {
        let node = |number: usize| {
            let name = format!("rabbitmq-{number}");
            RabbitMq::at(&folder.join(&name), &log(&name))
        };
        Ok(Self {
            nodes: [node(1)?, node(2)?, node(3)?],
        })
    }

    /// Returns the address of its default virtual host, which names all nodes.
    #[must_use]
    pub fn url(&self) -> String {
        let memories = self.nodes.iter().map(|node| &node.memory);
        let hosts: Vec<_> = memories
            .map(|memory| format!("127.0.0.1:{}", memory.ports.amqp))
            .collect();
        let password = &self.nodes[0].memory.password;
        format!("amqp://{USER}:{password}@{}/%2f", hosts.join(","))
    }

    /// Returns the address of its management API, which names all nodes.
    #[must_use]
    pub fn management_url(&self) -> String {
        let memories = self.nodes.iter().map(|node| &node.memory);
        let hosts: Vec<_> = memories
            .map(|memory| format!("127.0.0.1:{}", memory.ports.management))
            .collect();
        let password = &self.nodes[0].memory.password;
        format!("http://{USER}:{password}@{}", hosts.join(","))
    }

    /// Returns the nodes, to break them.
    pub fn nodes(&mut self) -> &mut [RabbitMq; NODES] {
        &mut self.nodes
    }

    /// Returns the nodes.
    #[must_use]
    pub fn all(&self) -> &[RabbitMq; NODES] {
        &self.nodes
    }

    /// Chooses names, ports and secrets before the first start. With `has_links` each node looks
    /// for the others at addresses where a caller's proxies must listen: [`Cluster::links`].
    ///
    /// # Errors
    ///
    /// When no port is free, or a state file can't be written.
    pub fn prepare(&mut self, has_links: bool) -> Result<()> {
        if self.nodes.iter().any(|node| node.process().is_running()) {
            return Ok(());
        }
        let first = &self.nodes[0].memory;
        let (mut password, mut epmd) = (first.password.clone(), first.ports.epmd);
        if password.is_empty() {
            password = state::password();
        }
        ports::keep_or_change(&mut epmd)?;
        let cookie = format!("{password}-of-the-nodes");
        for (from, node) in self.nodes.iter_mut().enumerate() {
            let peer = |to: usize| Peer {
                // the port mapper, which they share, knows only what stands before the @
                name: format!("sportello-{0}@n{0}", to + 1),
                host: format!("n{}", to + 1),
                address: address(from, to, has_links),
            };
            let memory = &mut node.memory;
            memory.node = peer(from).name;
            memory.password.clone_from(&password);
            memory.ports.epmd = epmd;
            ports::keep_or_change(&mut memory.ports.distribution)?;
            memory.cluster = Some(Membership {
                cookie: cookie.clone(),
                nodes: (0..NODES).map(peer).collect(),
            });
            // makes the folder, for its later owner
            RunAs::owner_of(&node.folder, &["rabbitmq", "nobody"])?;
            node.remember()?;
        }
        Ok(())
    }

    /// Returns the ways between the nodes, once they are prepared.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let pairs = (0..NODES).flat_map(|from| (0..NODES).map(move |to| (from, to)));
        let link = |(from, to): (usize, usize)| {
            let ports = &self.nodes[to].memory.ports;
            Link {
                from,
                to,
                address: address(from, to, true),
                ports: [ports.epmd, ports.distribution],
            }
        };
        pairs.filter(|(from, to)| from != to).map(link).collect()
    }

    /// Starts the nodes that do not run, all at once, and waits until they take connections.
    ///
    /// # Errors
    ///
    /// When a node does not come up.
    pub async fn start(&mut self) -> Result<()> {
        let [one, two, three] = &mut self.nodes;
        let (one, two, three) = tokio::join!(one.start(), two.start(), three.start());
        one.and(two).and(three)?;
        let first = &self.nodes[0];
        first.create_accounts(&first.management()?).await
    }

    /// Stops all nodes in order.
    ///
    /// # Errors
    ///
    /// When one does not stop.
    pub async fn stop(&self) -> Result<()> {
        let [one, two, three] = &self.nodes;
        let (one, two, three) = tokio::join!(one.stop(), two.stop(), three.stop());
        one.and(two).and(three)?;
        self.end_port_mapper().await;
        Ok(())
    }

    /// Kills all nodes, as `kill -9` would.
    ///
    /// # Errors
    ///
    /// When one does not stop.
    pub async fn kill(&self) -> Result<()> {
        for node in &self.nodes {
            node.kill().await?;
        }
        self.end_port_mapper().await;
        Ok(())
    }

    /// Returns the node that leads a queue of the default virtual host, as one that runs sees it.
    ///
    /// # Errors
    ///
    /// When no node can be asked, or the queue has no leader.
    pub async fn leader(&self, queue: &str) -> Result<usize> {
        let mut last = Error::NoLeader(queue.to_owned());
        for node in self.nodes.iter().filter(|node| node.process().is_running()) {
            match node.management()?.leader("/", queue).await {
                Ok(Some(name)) => {
                    let found = self.nodes.iter().position(|node| node.name() == name);
                    return found.ok_or(last);
                }
                Ok(None) => {}
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Waits until each quorum queue of the default virtual host has all its members, as one node
    /// that runs sees it.
    ///
    /// # Errors
    ///
    /// When that takes longer than `limit`.
    pub async fn wait_whole(&self, limit: Duration) -> Result<()> {
        let node = self.nodes.iter().find(|node| node.process().is_running());
        let node = node.ok_or(Error::NeverStarted("RabbitMQ"))?;
        let management = node.management()?;
        let is_whole = || async {
            management
                .are_members_online("/", NODES)
                .await
                .unwrap_or_default()
        };
        node.process().wait_ready(limit, is_whole).await
    }

    async fn end_port_mapper(&self) {
        end_port_mapper(self.nodes[0].memory.ports.epmd).await;
    }
}

/// Returns the address at which one node looks for another, or for itself.
fn address(from: usize, to: usize, has_links: bool) -> Ipv4Addr {
    let number = |index: usize| u8::try_from(index + 1).unwrap_or(u8::MAX);
    if has_links && from != to {
        Ipv4Addr::new(127, 27, number(from), number(to))
    } else {
        Ipv4Addr::LOCALHOST
    }
}
