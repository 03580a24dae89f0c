//! What a rendering makes: objects, and the pods among them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Kinds that make pods.
const WORKLOADS: [&str; 3] = ["Deployment", "StatefulSet", "Job"];

/// All objects of a rendering.
#[derive(Debug, Clone)]
pub struct Cluster {
    pub objects: Vec<Value>,
}

/// An object that makes pods.
#[derive(Debug, Clone, Copy)]
pub struct Workload<'a> {
    pub object: &'a Value,
}

/// The labels of a pod or of a selector.
pub type Labels = BTreeMap<String, String>;

impl Cluster {
    /// Reads YAML documents; empty ones are none.
    pub fn parse(text: &str) -> Self {
        let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
        let objects = documents.into_iter().filter(Value::is_object).collect();
        Self { objects }
    }

    /// The objects of a kind.
    pub fn of_kind<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'a Value> {
        self.objects.iter().filter(move |object| object["kind"] == wanted)
    }

    /// The object of this kind and name.
    pub fn find(&self, kind: &str, name: &Value) -> Option<&Value> {
        self.objects
            .iter()
            .find(|object| object["kind"] == kind && object["metadata"]["name"] == *name)
    }

    /// The objects that make pods.
    pub fn workloads(&self) -> impl Iterator<Item = Workload<'_>> {
        let makes_pods = |object: &&Value| WORKLOADS.iter().any(|kind| object["kind"] == *kind);
        self.objects
            .iter()
            .filter(makes_pods)
            .map(|object| Workload { object })
    }

    /// The objects that make pods which serve, and do not end by themselves.
    pub fn services(&self) -> impl Iterator<Item = Workload<'_>> {
        self.workloads().filter(|workload| !workload.is_job())
    }

    /// The workload whose pods this selector selects, if it is one.
    pub fn selected(&self, selector: &Value) -> Option<Workload<'_>> {
        let wanted = labels(selector);
        let mut found = self
            .workloads()
            .filter(|workload| holds(&workload.labels(), &wanted));
        found.next().filter(|_one| found.next().is_none())
    }
}

impl<'a> Workload<'a> {
    pub fn kind(self) -> &'a str {
        self.object["kind"].as_str().unwrap()
    }

    /// `Deployment/sportello-intake`, for messages.
    pub fn title(self) -> String {
        title(self.object)
    }

    pub fn is_job(self) -> bool {
        self.kind() == "Job"
    }

    pub fn pod(self) -> &'a Value {
        &self.object["spec"]["template"]["spec"]
    }

    pub fn labels(self) -> Labels {
        labels(&self.object["spec"]["template"]["metadata"]["labels"])
    }

    /// `intake`, `worker`, `migrate` and so on.
    pub fn component(self) -> String {
        self.labels()
            .remove("app.kubernetes.io/component")
            .unwrap_or_default()
    }

    pub fn containers(self) -> Vec<&'a Value> {
        let pod = self.pod();
        let of = |name: &str| pod[name].as_array().into_iter().flatten();
        of("initContainers").chain(of("containers")).collect()
    }

    /// The environment of all its containers.
    pub fn env(self) -> BTreeMap<&'a str, &'a str> {
        let variables = self
            .containers()
            .into_iter()
            .map(|container| items(&container["env"]));
        variables
            .flatten()
            .filter_map(|one| Some((one["name"].as_str()?, one["value"].as_str()?)))
            .collect()
    }
}

/// The items of a list; of nothing, none.
pub fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// The entries of a map; of nothing, none.
pub fn entries(map: &Value) -> impl Iterator<Item = (&String, &Value)> {
    map.as_object().into_iter().flat_map(Map::iter)
}

/// Labels of a map of texts.
pub fn labels(map: &Value) -> Labels {
    entries(map)
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// Whether labels have all that are wanted.
pub fn holds(labels: &Labels, wanted: &Labels) -> bool {
    wanted.iter().all(|(name, value)| labels.get(name) == Some(value))
}

/// `Kind/name`, for messages.
pub fn title(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    format!("{}/{}", text(&object["kind"]), text(&object["metadata"]["name"]))
}
