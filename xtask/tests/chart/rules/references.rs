//! Names that lead to other objects.

use serde_json::Value;

use crate::cluster::{Cluster, Workload, holds, items, labels, title};
use crate::examples;

/// Each name leads to an object of the rendering, or to one that an office makes and that
/// deploy/kubernetes/examples shows.
pub fn lead_somewhere(cluster: &Cluster) -> Vec<String> {
    let given = examples::given();
    let mut against = Vec::new();
    for workload in cluster.workloads() {
        against.extend(of_pods(cluster, given, workload));
    }
    for service in cluster.of_kind("Service") {
        against.extend(of_service(cluster, service));
    }
    against.extend(of_routes(cluster));
    against.extend(of_rights(cluster, given));
    against
}

/// Read by TLS libraries, not by the services' own settings.
const OF_LIBRARIES: [&str; 1] = ["SSL_CERT_FILE"];

/// A service ignores a variable that it does not know: each is one of docs/OPERATIONS.md.
pub fn are_settings_that_exist(cluster: &Cluster) -> Vec<String> {
    let page = include_str!("../../../../docs/OPERATIONS.md");
    let mut against = Vec::new();
    for workload in cluster.workloads() {
        for name in workload.env().keys() {
            let setting = name.strip_suffix("_FILE").unwrap_or(name);
            let listed = [*name, setting]
                .iter()
                .any(|one| page.contains(&format!("`{one}`")));
            if !listed && !OF_LIBRARIES.contains(name) {
                against.push(format!("{}: no setting is called {name}", workload.title()));
            }
        }
    }
    against
}

/// Whether a ConfigMap or Secret is there, and has this key.
fn has(clusters: [&Cluster; 2], kind: &str, name: &Value, key: Option<&str>) -> bool {
    clusters.iter().any(|cluster| {
        cluster.find(kind, name).is_some_and(|object| {
            key.is_none_or(|key| {
                ["data", "stringData"]
                    .iter()
                    .any(|part| !object[part][key].is_null())
            })
        })
    })
}

fn of_pods(cluster: &Cluster, given: &Cluster, workload: Workload<'_>) -> Vec<String> {
    let mut against = Vec::new();
    let pod = workload.pod();
    let all = [cluster, given];
    if cluster
        .find("ServiceAccount", &pod["serviceAccountName"])
        .is_none()
    {
        against.push(format!(
            "{}: no account {}",
            workload.title(),
            pod["serviceAccountName"]
        ));
    }
    for volume in items(&pod["volumes"]) {
        let (kind, name) = match (&volume["secret"]["secretName"], &volume["configMap"]["name"]) {
            (Value::Null, Value::Null) => continue,
            (Value::Null, name) => ("ConfigMap", name),
            (name, _) => ("Secret", name),
        };
        if !has(all, kind, name, None) {
            against.push(format!("{}: no {kind} {name}", workload.title()));
        }
        for path in files_in(workload, &volume["name"]) {
            if !has(all, kind, name, Some(&path)) {
                against.push(format!("{}: {kind} {name} has no {path}", workload.title()));
            }
        }
    }
    let template = labels(&workload.object["spec"]["selector"]["matchLabels"]);
    let selects_itself = template.len() == 3 && holds(&workload.labels(), &template);
    if !workload.is_job() && !selects_itself {
        against.push(format!("{} selects other pods than its own", workload.title()));
    }
    against
}

/// The files of a volume that settings name.
fn files_in(workload: Workload<'_>, volume: &Value) -> Vec<String> {
    let mounts = workload
        .containers()
        .into_iter()
        .flat_map(|one| items(&one["volumeMounts"]));
    let paths = mounts.filter(|mount| mount["name"] == *volume);
    let paths: Vec<&str> = paths.filter_map(|mount| mount["mountPath"].as_str()).collect();
    let inside = |value: &&str| {
        let file = paths
            .iter()
            .find_map(|path| value.strip_prefix(path)?.strip_prefix('/'));
        file.map(str::to_owned)
    };
    workload.env().values().filter_map(inside).collect()
}

fn of_service(cluster: &Cluster, service: &Value) -> Vec<String> {
    let title = title(service);
    let Some(workload) = cluster.selected(&service["spec"]["selector"]) else {
        return vec![format!("{title} selects no workload, or several")];
    };
    let containers = workload.containers();
    let named = |name: &Value| {
        let mut ports = containers.iter().flat_map(|one| items(&one["ports"]));
        ports.any(|port| port["name"] == *name)
    };
    let unknown = items(&service["spec"]["ports"])
        .iter()
        .filter(|port| !named(&port["targetPort"]));
    unknown
        .map(|port| format!("{title}: no pod has the port {}", port["targetPort"]))
        .collect()
}

/// Ingresses, routes, and where services find each other.
fn of_routes(cluster: &Cluster) -> Vec<String> {
    let port_of = |name: &Value, port: &Value| {
        cluster.find("Service", name).is_some_and(|service| {
            let ports = items(&service["spec"]["ports"]);
            ports
                .iter()
                .any(|one| one["port"] == *port || one["name"] == port["name"])
        })
    };
    let mut against = Vec::new();
    for ingress in cluster.of_kind("Ingress") {
        for rule in items(&ingress["spec"]["rules"]) {
            for path in items(&rule["http"]["paths"]) {
                let service = &path["backend"]["service"];
                if !port_of(&service["name"], &service["port"]) {
                    against.push(format!("{} leads nowhere", title(ingress)));
                }
            }
        }
    }
    for route in cluster.of_kind("HTTPRoute") {
        for rule in items(&route["spec"]["rules"]) {
            for backend in items(&rule["backendRefs"]) {
                if !port_of(&backend["name"], &backend["port"]) {
                    against.push(format!("{} leads nowhere", title(route)));
                }
            }
        }
    }
    for workload in cluster.workloads() {
        for (setting, value) in workload.env() {
            let hosts = value
                .split(['/', ','])
                .filter_map(|part| part.split_once(".sportello.svc"));
            for (host, _) in hosts {
                if cluster.find("Service", &host.into()).is_none() {
                    against.push(format!("{}: {setting} names no service", workload.title()));
                }
            }
        }
    }
    against
}

/// Roles, bindings and what KEDA signs in with.
fn of_rights(cluster: &Cluster, given: &Cluster) -> Vec<String> {
    let mut against = Vec::new();
    for binding in cluster.of_kind("RoleBinding") {
        let mut subjects = items(&binding["subjects"]).iter();
        let known = subjects.all(|one| cluster.find("ServiceAccount", &one["name"]).is_some());
        if !known || cluster.find("Role", &binding["roleRef"]["name"]).is_none() {
            against.push(format!("{} binds nobody, or nothing", title(binding)));
        }
    }
    for role in cluster.of_kind("Role") {
        let names = items(&role["rules"])
            .iter()
            .flat_map(|rule| items(&rule["resourceNames"]));
        for name in names.filter(|name| cluster.find("Deployment", name).is_none()) {
            against.push(format!("{}: no deployment {name}", title(role)));
        }
        let wide = items(&role["rules"])
            .iter()
            .any(|rule| rule.to_string().contains('*'));
        if wide {
            against.push(format!("{} gives more than what it names", title(role)));
        }
    }
    for scaled in cluster.of_kind("ScaledObject") {
        for trigger in items(&scaled["spec"]["triggers"]) {
            let name = &trigger["authenticationRef"]["name"];
            if !name.is_null() && cluster.find("TriggerAuthentication", name).is_none() {
                against.push(format!("{}: no authentication {name}", title(scaled)));
            }
        }
    }
    for authentication in cluster.of_kind("TriggerAuthentication") {
        for secret in items(&authentication["spec"]["secretTargetRef"]) {
            if !has(
                [cluster, given],
                "Secret",
                &secret["name"],
                secret["key"].as_str(),
            ) {
                against.push(format!("{}: no such key", title(authentication)));
            }
        }
    }
    against
}
