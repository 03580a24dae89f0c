//! Values that are misspelt, or contradict each other: each is refused, and named.

use std::fs;

use serde_json::Value;

use crate::cluster::entries;
use crate::helm::{render, root};

/// A set, the value, and what the refusal names.
const REFUSED: [(&str, &str, &str); 40] = [
    // names that are not there
    ("standard", "adresses.portal=https://x.example", "adresses"),
    ("standard", "image.tags=1.0.0", "tags"),
    ("standard", "image.pullPolicy=Always", "pullPolicy"),
    ("standard", "openShift=true", "openShift"),
    ("standard", "office.privacyMail=a@example.org", "privacyMail"),
    ("standard", "catalogue.configMap=benefits", "configMap"),
    ("standard", "tls.enable=false", "enable"),
    ("standard", "intake.replica=3", "replica"),
    ("standard", "intake.existingsecret=x", "existingsecret"),
    ("spool", "intake.spool.mebibyte=64", "mebibyte"),
    (
        "standard",
        "intake.settings.BATCH_ROWS_PER_SECONDS=100",
        "BATCH_ROWS_PER_SECONDS",
    ),
    ("standard", "intake.settings.WORKER_LANES=4", "WORKER_LANES"),
    ("standard", "status.autoscaling.min=3", "min"),
    ("standard", "portal.resources.request.cpu=1", "request"),
    ("standard", "portal.resources.requests.cpus=1", "cpus"),
    ("standard", "worker.scaling.ceilling=4", "ceilling"),
    ("standard", "worker.settings.PREFECH=100", "PREFECH"),
    ("spool", "worker.scaling.openingDays[0].replicas=4", "replicas"),
    ("standard", "console.brokerMetric={a:15692}", "brokerMetric"),
    ("standard", "prepare.database.secret=x", "secret"),
    ("standard", "gateway.httpRoute.parents[0].name=g", "httpRoute"),
    ("standard", "networkPolicies.enabled=false", "networkPolicies"),
    ("standard", "networkPolicy.dns.ports=53", "ports"),
    (
        "standard",
        "networkPolicy.database.peers[0].podLabel.a=b",
        "peers",
    ),
    ("standard", "monitoring.intervall=30s", "intervall"),
    // values that can't be
    ("standard", "image.tag=latest", "tag"),
    ("standard", "intake.replicas=0", "replicas"),
    ("standard", "intake.replicas=two", "replicas"),
    ("standard", "worker.scaling.by=hpa", "by"),
    ("standard", "gateway.kind=Ingress", "kind"),
    (
        "standard",
        "addresses.portal=http://sportello.example.org",
        "portal",
    ),
    ("standard", "worker.settings.WORKER_LANES=65", "WORKER_LANES"),
    ("standard", "worker.settings.SHARDS=3", "SHARDS"),
    // values that contradict each other
    ("standard", "tls.enabled=false", "allowClearText"),
    ("standard", "intake.settings.SHARDS=4", "intake.settings.SHARDS"),
    ("spool", "intake.autoscaling.enabled=true", "autoscaling"),
    ("spool", "intake.spool.size=1Gi", "intake.spool.size"),
    ("spool", "intake.spool.replay={0}", "intake.spool.replay"),
    (
        "standard",
        "worker.scaling.fallback=99",
        "worker.scaling.fallback",
    ),
    (
        "standard",
        "addresses.intake=https://intake.example.org",
        "addresses.intake",
    ),
];

#[test]
fn each_misspelt_value_is_refused_by_name() {
    for (set, value, name) in REFUSED {
        match render(Some(set), &[value]) {
            Ok(_) => panic!("{set} with {value} is rendered"),
            Err(said) => assert!(said.contains(name), "{value}: {said}"),
        }
    }
}

#[test]
fn settings_that_values_may_have_are_those_of_the_services() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let schema: Value = serde_json::from_str(&read("deploy/helm/sportello/values.schema.json")).unwrap();
    let page = read("docs/OPERATIONS.md");
    let mut seen = 0;
    for (_, component) in entries(&schema["properties"]) {
        for (name, _) in entries(&component["properties"]["settings"]["properties"]) {
            assert!(page.contains(&format!("`{name}`")), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 20);
}

/// One level that takes any name would let a misspelt one through.
#[test]
fn every_level_of_the_values_is_closed() {
    fn open(schema: &Value, pointer: &str, found: &mut Vec<String>) {
        let is_map = schema["additionalProperties"].is_object();
        if schema["type"] == "object" && schema["additionalProperties"] != false && !is_map {
            found.push(pointer.to_owned());
        }
        for (name, inner) in entries(schema) {
            open(inner, &format!("{pointer}/{name}"), found);
        }
    }
    let path = root().join("deploy/helm/sportello/values.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut found = Vec::new();
    open(&schema, "", &mut found);
    assert_eq!(found, [""; 0]);
    assert_eq!(schema["additionalProperties"], false);
}
