//! Connections: what each component needs, and nothing else.

use crate::cluster::{Cluster, Workload};
use crate::network::{Connection, End, reaches};

/// Ports of the database, and of the broker with TLS and without.
const DATABASE: [u64; 1] = [5432];
const BROKER: [u64; 2] = [5671, 5672];
/// Ports of the broker's management API.
const MANAGEMENT: [u64; 2] = [15671, 15672];
/// Ports of name servers: on OpenShift the second.
const NAMES: [u64; 2] = [53, 5353];
const HTTPS: [u64; 1] = [443];

/// Whether a component may go to the database, the broker, the identity provider.
const SERVERS: [(&str, bool, bool, bool); 7] = [
    ("intake", false, true, true),
    ("status", true, false, true),
    ("worker", true, true, false),
    ("portal", false, false, false),
    ("console", true, true, true),
    ("migrate", true, false, false),
    ("topology", false, true, false),
];

/// From, to, port: all connections between components. No other is allowed.
const BETWEEN: [(&str, &str, u64); 7] = [
    ("status", "intake", 8080),
    ("portal", "intake", 8080),
    ("portal", "status", 8081),
    ("console", "intake", 9080),
    ("console", "status", 9081),
    ("console", "worker", 9082),
    ("console", "portal", 9083),
];

/// Ports of each component: of callers below 9000, internal from there on.
const PORTS: [(&str, &[u64]); 5] = [
    ("intake", &[8080, 9080]),
    ("status", &[8081, 9081]),
    ("worker", &[9082]),
    ("portal", &[8082, 9083]),
    ("console", &[8083, 9084]),
];

/// The neighbours that the sets of values name: deploy/helm/values.
struct Neighbours {
    /// A pod or an address, by set.
    database: [End; 2],
    broker: [End; 2],
    world: [End; 1],
    names: [End; 2],
    gateway: End,
    prometheus: End,
    keda: End,
    stranger: End,
}

impl Neighbours {
    fn new() -> Self {
        Self {
            database: [
                End::pod("database", &[("cnpg.io/cluster", "sportello")]),
                End::address("198.51.100.32"),
            ],
            broker: [
                End::pod("broker", &[("app.kubernetes.io/name", "sportello")]),
                End::address("198.51.100.56"),
            ],
            world: [End::address("203.0.113.7")],
            names: [
                End::pod("kube-system", &[("k8s-app", "kube-dns")]),
                End::pod(
                    "openshift-dns",
                    &[("dns.operator.openshift.io/daemonset-dns", "default")],
                ),
            ],
            gateway: End::pod("gateway", &[("app", "gateway")]),
            prometheus: End::pod("monitoring", &[("app.kubernetes.io/name", "prometheus")]),
            keda: End::pod("keda", &[("app", "keda-operator")]),
            stranger: End::pod("another", &[("app", "another")]),
        }
    }
}

/// A connection that was tried.
struct Trial {
    what: String,
    allowed: bool,
    seen: bool,
}

/// Tries one over TCP.
fn tries(cluster: &Cluster, from: &End, to: &End, port: u64) -> bool {
    let protocol = "TCP";
    reaches(
        cluster,
        Connection {
            from,
            to,
            port,
            protocol,
        },
    )
}

/// Judges every pair.
pub fn is_what_each_component_needs(cluster: &Cluster) -> Vec<String> {
    let neighbours = Neighbours::new();
    let mut trials = Vec::new();
    for workload in cluster.workloads() {
        trials.extend(to_servers(cluster, &neighbours, workload));
        trials.extend(to_components(cluster, workload));
    }
    trials.extend(from_outside(cluster, &neighbours));
    let wrong = trials.into_iter().filter(|trial| trial.seen != trial.allowed);
    wrong
        .map(|trial| format!("{}: {}", trial.what, if trial.seen { "open" } else { "closed" }))
        .collect()
}

fn to_servers(cluster: &Cluster, neighbours: &Neighbours, workload: Workload<'_>) -> Vec<Trial> {
    let name = workload.component();
    let from = End::Own(workload.labels());
    let known = SERVERS.iter().find(|(one, ..)| *one == name);
    // a replay Job goes to the broker alone
    let (database, broker, identity) = known.map_or((false, true, false), |(_, a, b, c)| (*a, *b, *c));
    let any = |ends: &[End], ports: &[u64]| {
        let pairs = ends
            .iter()
            .flat_map(|end| ports.iter().map(move |port| (end, *port)));
        pairs
            .into_iter()
            .any(|(end, port)| tries(cluster, &from, end, port))
    };
    let trial = |what: &str, allowed, seen| Trial {
        what: format!("from {name} to {what}"),
        allowed,
        seen,
    };
    let names = |protocol| {
        let to = neighbours
            .names
            .iter()
            .flat_map(|to| NAMES.map(|port| (to, port)));
        let from = &from;
        to.into_iter().any(|(to, port)| {
            reaches(
                cluster,
                Connection {
                    from,
                    to,
                    port,
                    protocol,
                },
            )
        })
    };
    vec![
        trial("the database", database, any(&neighbours.database, &DATABASE)),
        trial("a database anywhere", false, any(&neighbours.world, &DATABASE)),
        trial("the broker", broker, any(&neighbours.broker, &BROKER)),
        // those that are to ask it
        trial(
            "the management API",
            workload.env().contains_key("MANAGEMENT_URL_FILE"),
            any(&neighbours.broker, &MANAGEMENT),
        ),
        trial("the identity provider", identity, any(&neighbours.world, &HTTPS)),
        trial("any other port", false, any(&neighbours.world, &[25, 8443])),
        trial("names over UDP", true, names("UDP")),
        // long answers
        trial("names over TCP", true, names("TCP")),
    ]
}

fn to_components(cluster: &Cluster, workload: Workload<'_>) -> Vec<Trial> {
    let name = workload.component();
    let from = End::Own(workload.labels());
    let mut trials = Vec::new();
    for (target, ports) in PORTS {
        let to = End::component(cluster, target);
        for port in ports {
            trials.push(Trial {
                what: format!("from {name} to {target} at {port}"),
                allowed: BETWEEN.contains(&(name.as_str(), target, *port)),
                seen: tries(cluster, &from, &to, *port),
            });
        }
    }
    trials
}

fn from_outside(cluster: &Cluster, neighbours: &Neighbours) -> Vec<Trial> {
    let asks_console = cluster
        .of_kind("ScaledObject")
        .any(|one| one.to_string().contains("metrics-api"));
    let mut trials = Vec::new();
    for (target, ports) in PORTS {
        let to = End::component(cluster, target);
        for port in ports {
            let internal = *port >= 9000;
            let mut from = |name: &str, end: &End, allowed| {
                trials.push(Trial {
                    what: format!("from {name} to {target} at {port}"),
                    allowed,
                    seen: tries(cluster, end, &to, *port),
                });
            };
            from("the gateway", &neighbours.gateway, !internal);
            from("Prometheus", &neighbours.prometheus, internal);
            from("a stranger", &neighbours.stranger, false);
            if asks_console && target == "console" {
                from("KEDA", &neighbours.keda, !internal);
            }
        }
    }
    trials
}
