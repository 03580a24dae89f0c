//! Who reaches whom over NetworkPolicies.

use std::net::IpAddr;

use serde_json::Value;

use crate::cluster::{Cluster, Labels, holds, items, labels};

/// A pod or an address at one end of a connection.
#[derive(Debug, Clone)]
pub enum End {
    /// A pod of this release.
    Own(Labels),
    /// A pod of another namespace.
    Foreign { namespace: String, labels: Labels },
    /// Something outside the cluster.
    Address(IpAddr),
}

/// A connection to try.
#[derive(Debug, Clone, Copy)]
pub struct Connection<'a> {
    pub from: &'a End,
    pub to: &'a End,
    pub port: u64,
    pub protocol: &'a str,
}

impl End {
    /// The pods of a component.
    pub fn component(cluster: &Cluster, name: &str) -> Self {
        let workload = cluster.workloads().find(|one| one.component() == name);
        Self::Own(workload.unwrap_or_else(|| panic!("no component {name}")).labels())
    }

    pub fn pod(namespace: &str, pairs: &[(&str, &str)]) -> Self {
        let labels = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::Foreign {
            namespace: namespace.to_owned(),
            labels: labels.collect(),
        }
    }

    pub fn address(text: &str) -> Self {
        Self::Address(text.parse().unwrap())
    }

    fn is_peer(&self, peer: &Value) -> bool {
        if let Some(block) = peer["ipBlock"]["cidr"].as_str() {
            // plugins differ in whether a block holds pods: to be safe it holds all of them
            return match self {
                Self::Address(address) => contains(block, *address),
                Self::Own(_) | Self::Foreign { .. } => true,
            };
        }
        let pods = labels(&peer["podSelector"]["matchLabels"]);
        let namespaces = labels(&peer["namespaceSelector"]["matchLabels"]);
        match self {
            Self::Own(own) => peer["namespaceSelector"].is_null() && holds(own, &pods),
            Self::Foreign { namespace, labels } => {
                let its = [("kubernetes.io/metadata.name".to_owned(), namespace.clone())].into();
                peer["namespaceSelector"].is_object() && holds(&its, &namespaces) && holds(labels, &pods)
            }
            Self::Address(_) => false,
        }
    }
}

/// Whether a block of addresses holds one.
fn contains(block: &str, address: IpAddr) -> bool {
    let (base, bits) = block.split_once('/').unwrap();
    let bits: u32 = bits.parse().unwrap();
    match (base.parse().unwrap(), address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            base.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            base.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// Whether the policies let a connection through, at both ends.
pub fn reaches(cluster: &Cluster, connection: Connection<'_>) -> bool {
    side(cluster, connection, "Egress", connection.from, connection.to)
        && side(cluster, connection, "Ingress", connection.to, connection.from)
}

/// What the policies say at one end: those that select it in this direction, if there are any, must
/// name the other.
fn side(cluster: &Cluster, connection: Connection<'_>, direction: &str, here: &End, there: &End) -> bool {
    let End::Own(here) = here else {
        return true;
    };
    let selects = |policy: &&Value| {
        let is_direction = items(&policy["spec"]["policyTypes"])
            .iter()
            .any(|one| one == direction);
        is_direction && holds(here, &labels(&policy["spec"]["podSelector"]["matchLabels"]))
    };
    let mut policies = cluster.of_kind("NetworkPolicy").filter(selects).peekable();
    if policies.peek().is_none() {
        return true;
    }
    let (rules, peers) = match direction {
        "Egress" => ("egress", "to"),
        _ => ("ingress", "from"),
    };
    policies.any(|policy| {
        items(&policy["spec"][rules])
            .iter()
            .any(|rule| names_port(rule, connection) && names_peer(&rule[peers], there))
    })
}

fn names_peer(peers: &Value, end: &End) -> bool {
    // no list at all is everybody
    peers.is_null() || items(peers).iter().any(|peer| end.is_peer(peer))
}

fn names_port(rule: &Value, connection: Connection<'_>) -> bool {
    rule["ports"].is_null()
        || items(&rule["ports"]).iter().any(|port| {
            let last = port["endPort"].as_u64().or(port["port"].as_u64());
            let is_port = port["port"].is_null()
                || port["port"].as_u64() <= Some(connection.port) && last >= Some(connection.port);
            is_port && port["protocol"].as_str().unwrap_or("TCP") == connection.protocol
        })
}

#[test]
fn a_policy_that_names_nobody_lets_nobody_through() {
    let cluster = Cluster::parse(
        "{kind: NetworkPolicy, spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], \
         ports: [{port: 5000, endPort: 5500, protocol: TCP}]}]}}",
    );
    let pod = End::Own(Labels::new());
    let try_to = |to: &str, port, protocol| {
        let to = &End::address(to);
        let from = &pod;
        reaches(
            &cluster,
            Connection {
                from,
                to,
                port,
                protocol,
            },
        )
    };
    assert!(try_to("10.1.2.3", 5432, "TCP"));
    assert!(!try_to("10.1.2.3", 5432, "UDP"));
    assert!(!try_to("10.1.2.3", 5501, "TCP"));
    assert!(!try_to("11.1.2.3", 5432, "TCP"));
    assert!(!try_to("fd00::1", 5432, "TCP"));
}
