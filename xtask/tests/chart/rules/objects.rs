//! Objects as such.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cluster::{Cluster, entries, title};

/// Each object has a name that no other of its kind has, and stands in the release's namespace.
pub fn each_stands_once_in_the_namespace(cluster: &Cluster) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut against = Vec::new();
    for object in &cluster.objects {
        let title = title(object);
        if object["metadata"]["namespace"] != "sportello" {
            against.push(format!("{title} stands in no namespace"));
        }
        if has_null(object) {
            against.push(format!("{title} has an empty field"));
        }
        if !seen.insert(title.clone()) {
            against.push(format!("{title} stands there twice"));
        }
    }
    against
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.iter().any(has_null),
        Value::Object(map) => map.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Hooks fail under GitOps and deadlock with `--wait`; generated secrets change at an upgrade.
pub fn nothing_is_a_hook_or_a_secret(cluster: &Cluster) -> Vec<String> {
    let mut against = Vec::new();
    for object in &cluster.objects {
        if object["kind"] == "Secret" {
            against.push(format!("{} is made by the chart", title(object)));
        }
        let mut annotations = entries(&object["metadata"]["annotations"]);
        if annotations.any(|(name, _)| name.starts_with("helm.sh/")) {
            against.push(format!("{} is a hook", title(object)));
        }
    }
    against
}

/// A Job can't be changed: the next version's has another name.
pub fn jobs_are_named_by_version(cluster: &Cluster) -> Vec<String> {
    let unnamed = cluster.of_kind("Job").filter(|job| {
        let version = job["metadata"]["labels"]["app.kubernetes.io/version"].as_str();
        let version = version.unwrap_or("?").replace(['.', '+'], "-");
        let name = job["metadata"]["name"].as_str().unwrap_or_default();
        !name.contains(&format!("-{version}-"))
    });
    unnamed
        .map(|job| format!("{} is not named by its version", title(job)))
        .collect()
}

/// Each service has a budget of one, which can always be met.
pub fn one_pod_at_a_time_may_be_evicted(cluster: &Cluster) -> Vec<String> {
    let mut against = Vec::new();
    let mut covered = BTreeSet::new();
    for budget in cluster.of_kind("PodDisruptionBudget") {
        let spec = &budget["spec"];
        match cluster.selected(&spec["selector"]["matchLabels"]) {
            Some(workload) => drop(covered.insert(workload.title())),
            None => against.push(format!("{} selects no workload, or several", title(budget))),
        }
        // `minAvailable` over few pods blocks the maintenance of a machine for ever
        if spec["maxUnavailable"] != 1 || !spec["minAvailable"].is_null() {
            against.push(format!("{} does not let one pod go", title(budget)));
        }
        if spec["unhealthyPodEvictionPolicy"] != "AlwaysAllow" {
            against.push(format!("{} keeps a pod that does not work", title(budget)));
        }
    }
    let uncovered = cluster
        .services()
        .map(|one| one.title())
        .filter(|one| !covered.contains(one));
    against.extend(uncovered.map(|one| format!("{one} has no disruption budget")));
    against
}

/// A volume that may hold accepted applications is never deleted by a controller.
pub fn spools_outlive_their_pods(cluster: &Cluster) -> Vec<String> {
    let mut against = Vec::new();
    for set in cluster.of_kind("StatefulSet") {
        let policy = &set["spec"]["persistentVolumeClaimRetentionPolicy"];
        if policy["whenDeleted"] != "Retain" || policy["whenScaled"] != "Retain" {
            against.push(format!("{} deletes volumes", title(set)));
        }
        let has_alert = cluster
            .of_kind("PrometheusRule")
            .any(|rule| rule.to_string().contains("SpoolVolumeWithoutPod"));
        if cluster.of_kind("PodMonitor").next().is_some() && !has_alert {
            against.push(format!("{}: no alert watches its volumes", title(set)));
        }
    }
    against
}
