//! Pods: rights, probes, time, place, images.

use serde_json::Value;

use crate::cluster::{Cluster, Workload, entries, holds, items, labels};

/// Seconds that each process takes to end in order at most: docs/OPERATIONS.md, "The processes".
const DRAIN: [(&str, u64); 5] = [
    ("intake", 15),
    ("status", 10),
    ("worker", 25),
    ("portal", 10),
    ("console", 10),
];
/// Seconds beside them, for telemetry and a slow machine.
const MARGIN: u64 = 5;

/// Settings that are secrets: files have them, never the environment.
const SECRETS: [&str; 6] = [
    "AMQP_URL",
    "DATABASE_URL",
    "MANAGEMENT_URL",
    "APPLICATION_ID_SECRET",
    "APPLICATION_ID_SECRET_PREVIOUS",
    "AGENT_TOKEN",
];

/// Runs a rule over all workloads.
fn each(cluster: &Cluster, rule: impl Fn(Workload<'_>) -> Vec<&'static str>) -> Vec<String> {
    let judged = cluster.workloads().map(|one| (one.title(), rule(one)));
    judged
        .flat_map(|(title, against)| against.into_iter().map(move |what| format!("{title}: {what}")))
        .collect()
}

/// Collects what does not hold.
fn unless<const N: usize>(rules: [(bool, &'static str); N]) -> Vec<&'static str> {
    let broken = rules.into_iter().filter(|(holds, _)| !holds);
    broken.map(|(_, what)| what).collect()
}

/// What the restricted profile of Pod Security and OpenShift ask for, and a read-only root.
pub fn are_restricted(cluster: &Cluster) -> Vec<String> {
    each(cluster, |one| {
        let pod = one.pod();
        let context = &pod["securityContext"];
        let all = |rule: fn(&Value) -> bool| {
            one.containers()
                .into_iter()
                .all(|container| rule(&container["securityContext"]))
        };
        let talks = one.component() == "console";
        unless([
            (context["runAsNonRoot"] == true, "may run as root"),
            (
                context["seccompProfile"]["type"] == "RuntimeDefault",
                "has no seccomp profile",
            ),
            (context["runAsUser"] != 0, "runs as root"),
            (
                pod["hostNetwork"].is_null() && pod["hostPID"].is_null(),
                "is on the host",
            ),
            (
                all(|it| it["allowPrivilegeEscalation"] == false),
                "may gain rights",
            ),
            (
                all(|it| it["readOnlyRootFilesystem"] == true),
                "has a root that can be written",
            ),
            (
                all(|it| items(&it["capabilities"]["drop"]) == ["ALL"]),
                "keeps capabilities",
            ),
            (
                all(|it| it["capabilities"]["add"].is_null() && it["privileged"].is_null()),
                "adds rights",
            ),
            (
                talks || pod["automountServiceAccountToken"] == false,
                "has a token of Kubernetes",
            ),
            (
                pod["enableServiceLinks"] == false,
                "has the addresses of all services as settings",
            ),
            (
                !items(&pod["volumes"]).iter().any(|it| !it["hostPath"].is_null()),
                "mounts the host",
            ),
        ])
    })
}

/// Probes at the internal pages; requests, and a limit of memory alone.
pub fn are_probed_and_bounded(cluster: &Cluster) -> Vec<String> {
    each(cluster, |one| {
        let probes = |container: &Value| {
            let path = |probe: &str| container[probe]["httpGet"]["path"].clone();
            let is_internal = ["startupProbe", "livenessProbe", "readinessProbe"]
                .iter()
                .all(|probe| container[probe]["httpGet"]["port"] == "internal");
            is_internal && path("livenessProbe") == "/livez" && path("readinessProbe") == "/readyz"
        };
        let bounded = |container: &&Value| {
            let resources = &container["resources"];
            let requested = &resources["requests"];
            let limits = &resources["limits"];
            !requested["cpu"].is_null() && !requested["memory"].is_null() && !limits["memory"].is_null()
        };
        let throttled = |container: &&Value| !container["resources"]["limits"]["cpu"].is_null();
        let containers = one.containers();
        unless([
            (
                one.is_job() || containers.iter().all(|it| probes(it)),
                "is not probed at its internal pages",
            ),
            (
                containers.iter().all(bounded),
                "has no requests, or no limit of memory",
            ),
            // a limit of processors throttles just when a rush comes
            (!containers.iter().any(throttled), "is throttled"),
        ])
    })
}

/// A pod leaves the endpoints, drains, and only then would be killed.
pub fn have_time_to_end(cluster: &Cluster) -> Vec<String> {
    each(cluster, |one| {
        let component = one.component();
        let drain = DRAIN.iter().find(|(name, _)| *name == component);
        let drain = drain.map_or(0, |(_, seconds)| *seconds);
        let hooks = one
            .containers()
            .into_iter()
            .map(|container| &container["lifecycle"]["preStop"]);
        let hooks: Vec<&Value> = hooks.filter(|hook| !hook.is_null()).collect();
        let sleeps = hooks.iter().filter_map(|hook| hook["sleep"]["seconds"].as_u64());
        let pause = sleeps.sum::<u64>();
        let grace = one.pod()["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
        let has_callers = one.containers().into_iter().any(|container| {
            items(&container["ports"])
                .iter()
                .any(|port| port["name"] == "callers")
        });
        unless([
            (grace >= pause + drain + MARGIN, "is killed before it has drained"),
            (
                !has_callers || pause >= 5,
                "stops before the endpoints have forgotten it",
            ),
            // the image has no shell
            (
                hooks.iter().all(|hook| hook["exec"].is_null()),
                "runs a program before it stops",
            ),
        ])
    })
}

/// Over zones and machines, as far as there are some.
pub fn are_spread(cluster: &Cluster) -> Vec<String> {
    each(cluster, |one| {
        let constraints = items(&one.pod()["topologySpreadConstraints"]);
        let over = |key: &str| {
            constraints.iter().any(|constraint| {
                let selector = labels(&constraint["labelSelector"]["matchLabels"]);
                let is_own = !selector.is_empty() && holds(&one.labels(), &selector);
                constraint["topologyKey"] == key && is_own && constraint["maxSkew"] == 1
            })
        };
        let is_spread = over("topology.kubernetes.io/zone") && over("kubernetes.io/hostname");
        unless([(one.is_job() || is_spread, "may stand on one machine")])
    })
}

/// By a tag that is a version, or a digest.
pub fn run_pinned_images(cluster: &Cluster) -> Vec<String> {
    each(cluster, |one| {
        let pinned = |container: &&Value| {
            let image = container["image"].as_str().unwrap_or_default();
            let last = image.rsplit('/').next().unwrap_or_default();
            let tag = last.split('@').next().and_then(|name| name.split_once(':'));
            image.contains("@sha256:")
                || tag.is_some_and(|(_, tag)| tag.starts_with(|first: char| first.is_ascii_digit()))
        };
        unless([(
            one.containers().iter().all(pinned),
            "runs an image that is not pinned",
        )])
    })
}

/// The environment shows in descriptions, dumps and child processes.
pub fn hold_no_secret_in_their_environment(cluster: &Cluster) -> Vec<String> {
    each(cluster, |one| {
        let containers = one.containers();
        let taken = |container: &&Value| {
            let from = items(&container["env"])
                .iter()
                .any(|variable| !variable["valueFrom"].is_null());
            from || !container["envFrom"].is_null()
        };
        let has_secret = one.env().keys().any(|name| SECRETS.contains(name));
        let has_url = one
            .env()
            .values()
            .any(|value| value.contains("://") && value.contains('@'));
        let entry = entries(&one.object["metadata"]["annotations"]).any(|(_, value)| {
            value
                .as_str()
                .is_some_and(|text| text.contains("amqp") || text.contains("postgres"))
        });
        unless([
            (!has_secret && !has_url && !entry, "has a secret in the open"),
            (
                !containers.iter().any(taken),
                "takes its environment from somewhere else",
            ),
        ])
    })
}
