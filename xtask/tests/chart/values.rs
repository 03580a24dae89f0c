//! Values that are misspelt, or contradict each other: each is refused, and named.

use crate::helm::render;

/// A set, the value, and what the refusal names.
const REFUSED: [(&str, &str, &str); 38] = [
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
    ("standard", "intake.settings.BATCH_ROWS_PER_SECONDS=100", "BATCH_ROWS_PER_SECONDS"),
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
    ("standard", "networkPolicy.database.peers[0].podLabel.a=b", "peers"),
    ("standard", "monitoring.intervall=30s", "intervall"),
    // values that can't be
    ("standard", "image.tag=latest", "tag"),
    ("standard", "intake.replicas=0", "replicas"),
    ("standard", "intake.replicas=two", "replicas"),
    ("standard", "worker.scaling.by=hpa", "by"),
    ("standard", "gateway.kind=Ingress", "kind"),
    ("standard", "addresses.portal=http://sportello.example.org", "portal"),
    ("standard", "worker.settings.WORKER_LANES=65", "WORKER_LANES"),
    // values that contradict each other
    ("standard", "tls.enabled=false", "allowClearText"),
    ("spool", "intake.autoscaling.enabled=true", "autoscaling"),
    ("spool", "intake.spool.size=1Gi", "intake.spool.size"),
    ("spool", "intake.spool.replay={0}", "intake.spool.replay"),
    ("standard", "worker.scaling.fallback=99", "worker.scaling.fallback"),
    ("standard", "addresses.intake=https://intake.example.org", "addresses.intake"),
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
