//! Numbers of pods.

use serde_json::Value;

use crate::cluster::{Cluster, Workload, entries, items, title};
use crate::schemas;

/// Belongs to every trigger that signs in, and is missing from KEDA's list.
const OF_ALL: &str = "authMode";

/// What scales a workload: HorizontalPodAutoscalers and ScaledObjects.
fn scalers<'a>(cluster: &'a Cluster, workload: Workload<'a>) -> Vec<&'a Value> {
    let all = cluster
        .of_kind("HorizontalPodAutoscaler")
        .chain(cluster.of_kind("ScaledObject"));
    all.filter(|scaler| {
        let target = &scaler["spec"]["scaleTargetRef"];
        let kind = target["kind"].as_str().unwrap_or("Deployment");
        kind == workload.kind() && target["name"] == workload.object["metadata"]["name"]
    })
    .collect()
}

fn hand(cluster: &Cluster) -> Option<String> {
    let console = cluster.workloads().find(|one| one.component() == "console")?;
    Some((*console.env().get("WORKER_HAND")?).to_owned())
}

/// Server-side apply fails where a manifest and an autoscaler both say how many.
pub fn has_one_owner_of_each_number(cluster: &Cluster) -> Vec<String> {
    let mut against = Vec::new();
    for workload in cluster.services() {
        let title = workload.title();
        let scalers = scalers(cluster, workload);
        let by_console = workload.component() == "worker" && hand(cluster).as_deref() == Some("kubernetes");
        let is_fixed = !workload.object["spec"]["replicas"].is_null();
        let owners = scalers.len() + usize::from(by_console) + usize::from(is_fixed);
        if owners != 1 {
            against.push(format!("{title}: {owners} say how many there are"));
        }
        // a pod that goes leaves its volume behind: people scale down, nothing else
        if workload.kind() == "StatefulSet" && !scalers.is_empty() {
            against.push(format!("{title} has volumes and scales by itself"));
        }
    }
    for scaler in cluster
        .of_kind("HorizontalPodAutoscaler")
        .chain(cluster.of_kind("ScaledObject"))
    {
        let is_of = |one: Workload<'_>| scalers(cluster, one).contains(&scaler);
        if !cluster.services().any(is_of) {
            against.push(format!("{} scales nothing", title(scaler)));
        }
    }
    against
}

/// By the console's number, or by applications that wait; never by messages.
pub fn of_workers_is_the_consoles(cluster: &Cluster) -> Vec<String> {
    let mut against = Vec::new();
    for scaled in cluster.of_kind("ScaledObject") {
        let spec = &scaled["spec"];
        let mut say = |what: &str| against.push(format!("{}: {what}", title(scaled)));
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        let (least, most) = (number(&spec["minReplicaCount"]), number(&spec["maxReplicaCount"]));
        if least < 1 || most < least {
            say("its bounds are none");
        }
        let fallback = number(&spec["fallback"]["replicas"]);
        if fallback < least || fallback > most || number(&spec["fallback"]["failureThreshold"]) < 1 {
            say("has no fallback within its bounds");
        }
        let sources: Vec<&Value> = items(&spec["triggers"])
            .iter()
            .filter(|trigger| trigger["type"] != "cron")
            .collect();
        let [source] = sources.as_slice() else {
            say("has not one source of the number");
            continue;
        };
        // KEDA's fallback needs an average; a number of messages says little of applications
        if source["metricType"] != "AverageValue" {
            say("its fallback does not work without AverageValue");
        }
        let counts = source["metadata"]["query"].as_str().unwrap_or_default();
        match source["type"].as_str() {
            Some("metrics-api") if source["metadata"]["targetValue"] == "1" => {}
            Some("prometheus") if counts.contains("_outstanding_applications") => {}
            Some(_) | None => say("counts neither wanted workers nor applications"),
        }
        for trigger in items(&spec["triggers"]) {
            let kind = trigger["type"].as_str().unwrap_or("?");
            let known = schemas::keda_parameters(kind);
            for (name, value) in entries(&trigger["metadata"]) {
                let is_known = known.as_ref().is_none_or(|known| known.contains(name));
                if !is_known && name != OF_ALL {
                    say(&format!("KEDA's {kind} has no {name}"));
                }
                if !value.is_string() {
                    say(&format!("{name} of {kind} is no text"));
                }
            }
        }
        let console = cluster.workloads().find(|one| one.component() == "console");
        let same = console.is_some_and(|console| {
            let is = |name: &str, number: u64| console.env().get(name) == Some(&number.to_string().as_str());
            is("WORKERS_CEILING", most) && is("WORKERS_FLOOR", least)
        });
        if !same {
            say("the console has other bounds");
        }
    }
    against
}
