//! Mounts and volumes.

use serde_json::Value;

use crate::cluster::{Cluster, Workload, items};

/// Settings that name what a service writes to, and whether that has to outlive its pod.
const WRITTEN: [(&str, bool); 3] = [
    ("SPOOL_FOLDER", true),
    ("ASSETS_KEPT", false),
    ("KEYS_KEPT", false),
];

/// The volume behind a path: its mount and its source.
struct Found<'a> {
    mount: &'a Value,
    volume: Option<&'a Value>,
    claimed: bool,
}

fn volume<'a>(workload: Workload<'a>, name: &Value) -> Option<&'a Value> {
    items(&workload.pod()["volumes"])
        .iter()
        .find(|one| one["name"] == *name)
}

fn is_claimed(workload: Workload<'_>, name: &Value) -> bool {
    let templates = items(&workload.object["spec"]["volumeClaimTemplates"]);
    let by_template = templates.iter().any(|one| one["metadata"]["name"] == *name);
    by_template || volume(workload, name).is_some_and(|one| !one["persistentVolumeClaim"].is_null())
}

fn find<'a>(workload: Workload<'a>, path: &str) -> Option<Found<'a>> {
    let mut mounts = workload
        .containers()
        .into_iter()
        .flat_map(|one| items(&one["volumeMounts"]));
    let is_under = |mount: &&Value| {
        let at = mount["mountPath"].as_str().unwrap_or("?");
        path.strip_prefix(at)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    mounts.rfind(is_under).map(|mount| Found {
        mount,
        volume: volume(workload, &mount["name"]),
        claimed: is_claimed(workload, &mount["name"]),
    })
}

/// Each mount has its volume and each volume its mount; only what is written to can be written.
pub fn are_volumes_and_read_only_but_where_written(cluster: &Cluster) -> Vec<String> {
    let mut against = Vec::new();
    for workload in cluster.workloads() {
        let title = workload.title();
        let written: Vec<&str> = WRITTEN
            .iter()
            .filter_map(|(setting, _)| workload.env().get(setting).copied())
            .collect();
        let mounts: Vec<&Value> = (workload.containers().into_iter())
            .flat_map(|one| items(&one["volumeMounts"]))
            .collect();
        for mount in &mounts {
            let at = mount["mountPath"].as_str().unwrap_or("?");
            let name = &mount["name"];
            if volume(workload, name).is_none() && !is_claimed(workload, name) {
                against.push(format!("{title}: {at} is no volume"));
            }
            let is_written = written.iter().any(|path| path.starts_with(at));
            if (mount["readOnly"] == true) == is_written {
                against.push(format!("{title}: {at} can be written, or not, against its use"));
            }
        }
        for volume in items(&workload.pod()["volumes"]) {
            if !mounts.iter().any(|mount| mount["name"] == volume["name"]) {
                against.push(format!(
                    "{title}: the volume {} is mounted nowhere",
                    volume["name"]
                ));
            }
        }
    }
    against
}

/// Folders that are written to are volumes that last as long as they must, and files are there.
pub fn hold_what_settings_name(cluster: &Cluster) -> Vec<String> {
    let mut against = Vec::new();
    for workload in cluster.workloads() {
        let title = workload.title();
        for (setting, path) in workload.env() {
            let written = WRITTEN.iter().find(|(name, _)| *name == setting);
            if !path.starts_with('/') {
                continue;
            }
            let found = find(workload, path);
            let ephemeral =
                |found: &Found<'_>| found.volume.is_some_and(|volume| !volume["emptyDir"].is_null());
            let good = match (written, &found) {
                (Some((_, true)), Some(found)) => found.claimed,
                (Some((_, false)), Some(found)) => found.claimed || ephemeral(found),
                (None, Some(found)) => found.mount["readOnly"] == true,
                (_, None) => false,
            };
            if !good {
                against.push(format!(
                    "{title}: {setting} names {path}, where no fitting volume is"
                ));
            }
        }
    }
    against
}
