//! Good manifests, spoilt in one place each: schemas or rules refuse every one.

use serde_json::Value;

use crate::cluster::Cluster;
use crate::helm::cluster;
use crate::{rules, schemas};

/// A line each: the set, the object, and what is done to it. `put` puts a value in place, also
/// where there was none, `take` takes a field away, `drop` the object. `@` is the first container
/// of a pod, `#` the pod.
const MUTANTS: &str = r#"
standard Deployment/worker put #/terminationGracePeriodSecond 45
standard Deployment/intake put @/readinessProbes {}
standard Deployment/intake put /spec/minReadySeconds "5"
standard NetworkPolicy/all put /spec/policyType ["Egress"]
standard PodDisruptionBudget/status put /apiVersion "policy/v1beta1"

standard Deployment/intake take #/securityContext/runAsNonRoot
standard Deployment/portal put @/securityContext/readOnlyRootFilesystem false
standard Deployment/status put @/securityContext/capabilities/drop []
standard Deployment/worker put #/automountServiceAccountToken true
standard Deployment/worker put #/terminationGracePeriodSeconds 25
standard Deployment/intake take @/lifecycle
standard Deployment/intake put @/lifecycle/preStop {"exec":{"command":["sleep","15"]}}
standard Deployment/intake take @/readinessProbe
standard Deployment/worker put @/livenessProbe/httpGet/path "/readyz"
standard Deployment/worker take @/resources/requests
standard Deployment/intake put @/resources/limits/cpu "1"
standard Deployment/intake put @/image "registry.example.org/sportello:latest"
standard Deployment/status put @/image "registry.example.org:5000/sportello"
standard Deployment/status take #/topologySpreadConstraints
standard Deployment/console put @/env/- {"name":"AMQP_URL","value":"amqps://a:b@c"}

standard Deployment/portal put #/volumes []
spool StatefulSet/intake take /spec/volumeClaimTemplates
spool StatefulSet/intake put /spec/persistentVolumeClaimRetentionPolicy/whenScaled "Delete"
standard Deployment/intake put @/volumeMounts/0/readOnly false
standard Deployment/status put #/volumes/0/secret/secretName "another"
standard Deployment/worker put @/env/- {"name":"PREFECH","value":"100"}

standard ConfigMap/identity put /data {"identity":""}
standard ServiceAccount/worker drop
standard Service/intake put /spec/selector/app.kubernetes.io~1component "intakes"
standard Service/console put /spec/ports/0/targetPort "http"
standard Service/worker-internal drop
standard HTTPRoute/public put /spec/rules/0/backendRefs/0/port 8081
standard RoleBinding/worker-scale put /subjects/0/name "default"
standard TriggerAuthentication/worker put /spec/secretTargetRef/0/key "token"

standard Deployment/worker put /spec/replicas 4
standard ScaledObject/worker put /spec/triggers/0/type "rabbitmq"
standard ScaledObject/worker put /spec/minReplicaCount 0
standard ScaledObject/worker take /spec/fallback
spool HorizontalPodAutoscaler/status put /spec/scaleTargetRef/name "sportello-stat"
standard PodDisruptionBudget/intake put /spec/maxUnavailable 0
standard PodDisruptionBudget/worker drop

standard NetworkPolicy/intake put /spec/egress/0/ports [{"port":5432,"protocol":"TCP"}]
standard NetworkPolicy/intake take /spec/egress/1/ports
standard NetworkPolicy/intake put /spec/egress/1/ports [{"port":1,"endPort":65535,"protocol":"TCP"}]
standard NetworkPolicy/all take /spec/egress/0/ports/1
standard NetworkPolicy/all put /spec/podSelector/matchLabels/app.kubernetes.io~1component "x"
standard NetworkPolicy/worker take /spec/egress/1
standard NetworkPolicy/console take /spec/ingress/0/from
standard NetworkPolicy/console take /spec/egress/7

standard Job/migrate put /metadata/annotations {"helm.sh/hook":"pre-install"}
standard Job/migrate put /metadata/name "sportello-migrate"
standard Service/portal put /metadata/name "sportello-status"
standard ConfigMap/identity put /kind "Secret"
"#;

/// What is done to one object.
struct Mutant<'a> {
    set: &'a str,
    kind: &'a str,
    name: &'a str,
    action: &'a str,
    pointer: String,
    value: Value,
}

impl<'a> Mutant<'a> {
    fn parse(line: &'a str) -> Self {
        let mut words = line.splitn(5, ' ');
        let mut next = || words.next().unwrap_or_default();
        let (set, object, action, pointer, value) = (next(), next(), next(), next(), next());
        let (kind, name) = object.split_once('/').unwrap();
        let pointer = pointer
            .replace('@', "#/containers/0")
            .replace('#', "/spec/template/spec");
        let value = serde_json::from_str(value).unwrap_or_default();
        Self {
            set,
            kind,
            name,
            action,
            pointer,
            value,
        }
    }

    /// Changes the object, whose place this returns.
    fn spoil(&self, cluster: &mut Cluster) -> usize {
        let at = self.place(cluster);
        if self.action == "drop" {
            cluster.objects.remove(at);
            return at;
        }
        let (parent, name) = self.pointer.rsplit_once('/').unwrap();
        let name = name.replace("~1", "/");
        let parent = cluster.objects[at].pointer_mut(parent);
        let parent = parent.unwrap_or_else(|| panic!("no {}", self.pointer));
        match (self.action, parent) {
            ("put", Value::Array(list)) if name == "-" => list.push(self.value.clone()),
            ("put", parent) => parent[name] = self.value.clone(),
            ("take", Value::Array(list)) => drop(list.remove(name.parse().unwrap())),
            ("take", Value::Object(map)) => assert!(map.remove(&name).is_some(), "no {name}"),
            (other, _) => panic!("what is {other}?"),
        }
        at
    }

    /// The object whose name is `sportello-NAME`, or begins so where it is a Job.
    fn place(&self, cluster: &Cluster) -> usize {
        let wanted = format!("sportello-{}", self.name);
        let found = cluster.objects.iter().position(|object| {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let is_it = name == wanted || self.kind == "Job" && name.starts_with(&wanted);
            object["kind"] == self.kind && is_it
        });
        found.unwrap_or_else(|| panic!("no {}/{}", self.kind, self.name))
    }
}

#[test]
fn every_spoilt_manifest_is_refused() {
    let good = ["standard", "spool"].map(|set| (set, cluster(set)));
    for (set, cluster) in &good {
        assert_eq!(rules::judge(cluster), [""; 0], "{set}, as it is");
    }
    let lines: Vec<&str> = MUTANTS.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines.len() >= 20);
    let mut accepted = Vec::new();
    for line in lines {
        let mutant = Mutant::parse(line);
        let (_, good) = good.iter().find(|(set, _)| *set == mutant.set).unwrap();
        let mut spoilt = good.clone();
        let at = mutant.spoil(&mut spoilt);
        // the schemas look at the one object alone: the others are as they were
        let alone = Cluster {
            objects: spoilt.objects.get(at).cloned().into_iter().collect(),
        };
        if schemas::judge(&alone).refused.is_empty() && rules::judge(&spoilt).is_empty() {
            accepted.push(line);
        }
    }
    assert_eq!(accepted, [""; 0]);
}
