//! deploy/kubernetes/examples: what an office makes beside the chart.

use std::fs;
use std::sync::OnceLock;

use serde_json::Value;

use crate::cluster::{Cluster, items, title};
use crate::helm::root;
use crate::schemas;

/// The examples' files, by name.
fn files() -> Vec<(String, Cluster)> {
    let folder = root().join("deploy/kubernetes/examples");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let yaml = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|one| one == "yaml"));
    yaml.map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, Cluster::parse(&fs::read_to_string(path).unwrap()))
    })
    .collect()
}

/// All objects of the examples, and the Secrets that cert-manager makes of its certificates.
pub fn given() -> &'static Cluster {
    static READ: OnceLock<Cluster> = OnceLock::new();
    READ.get_or_init(read)
}

fn read() -> Cluster {
    let mut objects: Vec<Value> = files().into_iter().flat_map(|(_, file)| file.objects).collect();
    let certificates = objects.iter().filter(|object| object["kind"] == "Certificate");
    let made: Vec<Value> = certificates
        .map(|one| {
            let name = &one["spec"]["secretName"];
            serde_json::json!({
                "kind": "Secret",
                "metadata": { "name": name },
                "data": { "tls.crt": "", "tls.key": "", "ca.crt": "" },
            })
        })
        .collect();
    objects.extend(made);
    Cluster { objects }
}

#[test]
fn every_example_fits_its_schema() {
    for (name, file) in files() {
        let judged = schemas::judge(&file);
        assert_eq!(judged.refused, [""; 0], "{name}");
        for skipped in judged.skipped {
            eprintln!("no schema at hand: {skipped} of {name}");
        }
    }
}

#[test]
fn no_example_holds_a_secret_that_would_work() {
    let given = given();
    let mut values = 0;
    for secret in given.of_kind("Secret") {
        for (key, value) in secret["stringData"].as_object().into_iter().flatten() {
            values += 1;
            let text = value.as_str().unwrap();
            assert!(
                text.contains('<'),
                "{} {key}: leave a gap to fill in",
                title(secret)
            );
        }
    }
    assert!(values >= 10);
}

/// A database with one copy, or a broker with two nodes, loses what it confirmed.
#[test]
fn servers_of_the_examples_survive_a_node() {
    let given = given();
    let database = given.of_kind("Cluster").next().unwrap();
    assert!(database["spec"]["instances"].as_u64() >= Some(3));
    let synchronous = &database["spec"]["postgresql"]["synchronous"];
    assert_eq!(synchronous["dataDurability"], "required");
    let broker = given.of_kind("RabbitmqCluster").next().unwrap();
    assert_eq!(broker["spec"]["replicas"], 3);
    let configuration = broker["spec"]["rabbitmq"]["additionalConfig"].as_str().unwrap();
    assert!(configuration.contains("cluster_partition_handling = pause_minority"));
    assert!(given.of_kind("ScheduledBackup").next().is_some());
    let pooler = given.of_kind("Pooler").next().unwrap();
    // prepared statements do not survive another mode in every version
    assert_eq!(pooler["spec"]["pgbouncer"]["poolMode"], "session");
}

#[test]
fn certificates_are_for_the_hosts_that_services_ask() {
    let given = given();
    for service in ["intake", "status", "console"] {
        let host = format!("sportello-{service}.sportello.svc");
        let is_for = |one: &Value| items(&one["spec"]["dnsNames"]).contains(&host.clone().into());
        assert!(given.of_kind("Certificate").any(is_for), "{host}");
    }
}

#[test]
fn users_of_the_broker_may_what_they_may_everywhere() {
    let text = fs::read_to_string(root().join("deploy/compose/rabbitmq.json")).unwrap();
    let definitions: Value = serde_json::from_str(&text).unwrap();
    let given = given();
    for wanted in items(&definitions["permissions"]) {
        let user = &wanted["user"];
        let found = given
            .of_kind("Permission")
            .find(|one| one["metadata"]["name"] == *user);
        let found = &found.unwrap_or_else(|| panic!("no permission of {user}"))["spec"]["permissions"];
        for right in ["configure", "write", "read"] {
            assert_eq!(found[right], wanted[right], "{right} of {user}");
        }
    }
}
