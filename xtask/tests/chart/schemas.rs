//! The schemas of Kubernetes, strict: a field that does not exist is refused.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::cluster::{Cluster, title};
use crate::helm::tools;

/// From the oldest that the chart allows.
const VERSIONS: [&str; 4] = ["1.30", "1.32", "1.34", "1.37"];

/// Names the folder with the schemas of custom resources, GROUP/KIND_VERSION.json.
const CUSTOM: &str = "CUSTOM_RESOURCE_SCHEMAS";

/// The definitions of one version, and validators of the kinds that were met.
struct Version {
    name: &'static str,
    definitions: Value,
}

fn versions() -> &'static [Version] {
    static READ: OnceLock<Vec<Version>> = OnceLock::new();
    READ.get_or_init(|| VERSIONS.iter().copied().map(Version::read).collect())
}

impl Version {
    fn read(name: &'static str) -> Self {
        let folder = tools().join("kubernetes-validate/kubernetes_validate/kubernetes-json-schema");
        let folders = fs::read_dir(&folder).unwrap_or_else(|error| {
            panic!("{}: {error}: `cargo xtask test` installs it", folder.display())
        });
        let wanted = |path: &PathBuf| {
            let last = path.file_name().unwrap().to_string_lossy().into_owned();
            last.starts_with(&format!("v{name}.")) && last.ends_with("-local-strict")
        };
        let folder = folders.map(|entry| entry.unwrap().path()).find(wanted);
        let folder = folder.unwrap_or_else(|| panic!("no schemas of Kubernetes {name}"));
        let text = fs::read_to_string(folder.join("_definitions.json")).unwrap();
        let mut document: Value = serde_json::from_str(&text).unwrap();
        Self {
            name,
            definitions: document["$defs"].take(),
        }
    }

    /// The validator of a kind of this version's own.
    fn validator(&self, group: &str, version: &str, kind: &str) -> Option<Validator> {
        let is_it = |definition: &&Value| {
            let kinds = definition["x-kubernetes-group-version-kind"].as_array();
            kinds.is_some_and(|kinds| {
                kinds
                    .iter()
                    .any(|one| one["group"] == group && one["version"] == version && one["kind"] == kind)
            })
        };
        let found = self.definitions.as_object().unwrap().iter();
        let (name, _) = found.filter(|(_, definition)| is_it(definition)).next()?;
        let schema = json!({ "$ref": format!("#/$defs/{name}"), "$defs": self.definitions });
        Some(jsonschema::validator_for(&schema).unwrap())
    }
}

fn custom_folder() -> Option<PathBuf> {
    env::var_os(CUSTOM).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The validator of a custom resource, where its schema is at hand.
fn custom(folder: &Path, group: &str, version: &str, kind: &str) -> Option<Validator> {
    let file = folder.join(group).join(format!("{}_{version}.json", kind.to_lowercase()));
    let text = fs::read_to_string(file).ok()?;
    Some(jsonschema::validator_for(&strict(serde_json::from_str(&text).unwrap())).unwrap())
}

/// Allows the three fields that every object has, and no others.
fn strict(mut schema: Value) -> Value {
    for (name, kind) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
        if schema["properties"][name].is_null() {
            schema["properties"][name] = json!({ "type": kind });
        }
    }
    schema["additionalProperties"] = json!(false);
    schema
}

fn split(object: &Value) -> (&str, &str, &str) {
    let api = object["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    (group, version, object["kind"].as_str().unwrap_or_default())
}

/// What the schemas of all versions say against the objects; and the kinds that no schema at hand
/// describes.
#[derive(Debug, Default)]
pub struct Judgement {
    pub refused: Vec<String>,
    pub skipped: Vec<String>,
}

/// Judges all objects. A built-in kind that a version does not know is refused.
pub fn judge(cluster: &Cluster) -> Judgement {
    let mut judgement = Judgement::default();
    let mut validators: BTreeMap<(&str, &str, &str), Vec<(&str, Validator)>> = BTreeMap::new();
    for object in &cluster.objects {
        let of = split(object);
        let found = validators.entry(of).or_insert_with(|| find(of));
        let is_custom = of.0.contains('.') && !of.0.ends_with(".k8s.io") || of.0.starts_with("gateway.");
        let wanted = if is_custom { 1 } else { VERSIONS.len() };
        if found.is_empty() && is_custom {
            judgement.skipped.push(title(object));
        } else if found.len() < wanted {
            judgement
                .refused
                .push(format!("{}: no schema of {of:?} in every version", title(object)));
        }
        for (version, validator) in found.iter() {
            for error in validator.iter_errors(object) {
                judgement.refused.push(format!(
                    "{} ({version}) {}: {error}",
                    title(object),
                    error.instance_path()
                ));
            }
        }
    }
    judgement
}

fn find<'a>((group, version, kind): (&str, &str, &str)) -> Vec<(&'a str, Validator)> {
    let own = versions()
        .iter()
        .filter_map(|one| Some((one.name, one.validator(group, version, kind)?)));
    let folder = custom_folder();
    let custom = folder.and_then(|folder| custom(&folder, group, version, kind));
    own.chain(custom.map(|validator| ("custom", validator))).collect()
}

/// Parameters of KEDA's triggers by type, where its list is at hand.
pub fn keda_parameters(kind: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(custom_folder()?.join("keda.sh/scalers-schema.json")).ok()?;
    let document: Value = serde_json::from_str(&text).unwrap();
    let scaler = document["scalers"]
        .as_array()?
        .iter()
        .find(|one| one["type"] == kind)?;
    let names = scaler["parameters"].as_array()?.iter();
    Some(names.filter_map(|one| Some(one["name"].as_str()?.to_owned())).collect())
}
