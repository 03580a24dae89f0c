//! Good manifests, spoilt in one place each: schemas or rules refuse every one.

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::helm::cluster;
use crate::{rules, schemas};

/// What is done to one object.
enum Change {
    /// Puts a value, also where there was none.
    Put(&'static str, Value),
    /// Takes a field away.
    Take(&'static str),
    /// Takes the object away.
    Drop,
}

use Change::{Drop, Put, Take};

/// The first container of a pod.
macro_rules! container {
    ($rest:literal) => {
        concat!("/spec/template/spec/containers/0", $rest)
    };
}

/// A set, the object's kind and name, and what is done to it.
fn mutants() -> Vec<(&'static str, &'static str, &'static str, Change)> {
    let pod_port = |port| json!([{ "port": port, "protocol": "TCP" }]);
    vec![
        // fields that do not exist, or are of another type
        ("standard", "Deployment", "worker", Put("/spec/template/spec/terminationGracePeriodSecond", json!(45))),
        ("standard", "Deployment", "intake", Put(container!("/readinessProbes"), json!({}))),
        ("standard", "Deployment", "intake", Put("/spec/minReadySeconds", json!("5"))),
        ("standard", "NetworkPolicy", "all", Put("/spec/policyType", json!(["Egress"]))),
        ("standard", "PodDisruptionBudget", "status", Put("/apiVersion", json!("policy/v1beta1"))),
        // pods
        ("standard", "Deployment", "intake", Take("/spec/template/spec/securityContext/runAsNonRoot")),
        ("standard", "Deployment", "portal", Put(container!("/securityContext/readOnlyRootFilesystem"), json!(false))),
        ("standard", "Deployment", "status", Put(container!("/securityContext/capabilities/drop"), json!([]))),
        ("standard", "Deployment", "worker", Put("/spec/template/spec/automountServiceAccountToken", json!(true))),
        ("standard", "Deployment", "worker", Put("/spec/template/spec/terminationGracePeriodSeconds", json!(25))),
        ("standard", "Deployment", "intake", Take(container!("/lifecycle"))),
        ("standard", "Deployment", "intake", Put(container!("/lifecycle/preStop"), json!({ "exec": { "command": ["sleep", "15"] } }))),
        ("standard", "Deployment", "intake", Take(container!("/readinessProbe"))),
        ("standard", "Deployment", "worker", Put(container!("/livenessProbe/httpGet/path"), json!("/readyz"))),
        ("standard", "Deployment", "worker", Take(container!("/resources/requests"))),
        ("standard", "Deployment", "intake", Put(container!("/resources/limits/cpu"), json!("1"))),
        ("standard", "Deployment", "intake", Put(container!("/image"), json!("registry.example.org/sportello:latest"))),
        ("standard", "Deployment", "status", Put(container!("/image"), json!("registry.example.org:5000/sportello"))),
        ("standard", "Deployment", "status", Take("/spec/template/spec/topologySpreadConstraints")),
        ("standard", "Deployment", "console", Put(container!("/env/-"), json!({ "name": "AMQP_URL", "value": "amqps://a:b@c" }))),
        // volumes
        ("standard", "Deployment", "portal", Put("/spec/template/spec/volumes", json!([]))),
        ("spool", "StatefulSet", "intake", Take("/spec/volumeClaimTemplates")),
        ("spool", "StatefulSet", "intake", Put("/spec/persistentVolumeClaimRetentionPolicy/whenScaled", json!("Delete"))),
        ("standard", "Deployment", "intake", Put(container!("/volumeMounts/0/readOnly"), json!(false))),
        ("standard", "Deployment", "status", Put("/spec/template/spec/volumes/0/secret/secretName", json!("another"))),
        // names
        ("standard", "ConfigMap", "identity", Put("/data", json!({ "identity": "" }))),
        ("standard", "ServiceAccount", "worker", Drop),
        ("standard", "Service", "intake", Put("/spec/selector/app.kubernetes.io~1component", json!("intakes"))),
        ("standard", "Service", "console", Put("/spec/ports/0/targetPort", json!("http"))),
        ("standard", "Service", "worker-internal", Drop),
        ("standard", "HTTPRoute", "public", Put("/spec/rules/0/backendRefs/0/port", json!(8081))),
        ("standard", "RoleBinding", "worker-scale", Put("/subjects/0/name", json!("default"))),
        ("standard", "TriggerAuthentication", "worker", Put("/spec/secretTargetRef/0/key", json!("token"))),
        // numbers
        ("standard", "Deployment", "worker", Put("/spec/replicas", json!(4))),
        ("standard", "ScaledObject", "worker", Put("/spec/triggers/0/type", json!("rabbitmq"))),
        ("standard", "ScaledObject", "worker", Put("/spec/minReplicaCount", json!(0))),
        ("standard", "ScaledObject", "worker", Take("/spec/fallback")),
        ("spool", "HorizontalPodAutoscaler", "status", Put("/spec/scaleTargetRef/name", json!("sportello-stat"))),
        ("standard", "PodDisruptionBudget", "intake", Put("/spec/maxUnavailable", json!(0))),
        ("standard", "PodDisruptionBudget", "worker", Drop),
        // connections
        ("standard", "NetworkPolicy", "intake", Put("/spec/egress/0/ports", pod_port(5432))),
        ("standard", "NetworkPolicy", "intake", Take("/spec/egress/1/ports")),
        ("standard", "NetworkPolicy", "intake", Put("/spec/egress/1/ports", json!([{ "port": 1, "endPort": 65535, "protocol": "TCP" }]))),
        ("standard", "NetworkPolicy", "all", Take("/spec/egress/0/ports/1")),
        ("standard", "NetworkPolicy", "all", Put("/spec/podSelector/matchLabels/app.kubernetes.io~1component", json!("x"))),
        ("standard", "NetworkPolicy", "worker", Take("/spec/egress/1")),
        ("standard", "NetworkPolicy", "console", Take("/spec/ingress/0/from")),
        // objects
        ("standard", "Job", "migrate", Put("/metadata/annotations", json!({ "helm.sh/hook": "pre-install" }))),
        ("standard", "Job", "migrate", Put("/metadata/name", json!("sportello-migrate"))),
        ("standard", "Service", "portal", Put("/metadata/name", json!("sportello-status"))),
        ("standard", "ConfigMap", "identity", Put("/kind", json!("Secret"))),
    ]
}

/// The object whose name is `sportello-NAME`, or begins so where it is a Job.
fn place(cluster: &Cluster, kind: &str, name: &str) -> usize {
    let wanted = format!("sportello-{name}");
    let found = cluster.objects.iter().position(|object| {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        object["kind"] == kind && (name == wanted || kind == "Job" && name.starts_with(&wanted))
    });
    found.unwrap_or_else(|| panic!("no {kind}/{name}"))
}

fn unescape(name: &str) -> String {
    name.replace("~1", "/")
}

fn change(cluster: &mut Cluster, at: usize, change: Change) {
    let object = &mut cluster.objects[at];
    match change {
        Put(pointer, value) => {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            match object.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}")) {
                Value::Array(list) if name == "-" => list.push(value),
                parent => parent[unescape(name)] = value,
            }
        }
        Take(pointer) => {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            match object.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}")) {
                Value::Array(list) => drop(list.remove(name.parse().unwrap())),
                parent => {
                    let map = parent.as_object_mut().unwrap();
                    assert!(map.remove(&unescape(name)).is_some(), "no {pointer}");
                }
            }
        }
        Drop => drop(cluster.objects.remove(at)),
    }
}

#[test]
fn every_spoilt_manifest_is_refused() {
    let good = ["standard", "spool"].map(|set| (set, cluster(set)));
    let mutants = mutants();
    assert!(mutants.len() >= 20);
    let mut accepted = Vec::new();
    for (number, (set, kind, name, what)) in mutants.into_iter().enumerate() {
        let (_, good) = good.iter().find(|(one, _)| *one == set).unwrap();
        let mut spoilt = good.clone();
        let at = place(&spoilt, kind, name);
        change(&mut spoilt, at, what);
        // the schemas look at the one object alone: the others are as they were
        let alone = Cluster {
            objects: spoilt.objects.get(at).cloned().into_iter().collect(),
        };
        if schemas::judge(&alone).refused.is_empty() && rules::judge(&spoilt).is_empty() {
            accepted.push(format!("{number}: {set} {kind}/{name}"));
        }
    }
    assert_eq!(accepted, [""; 0]);
}
