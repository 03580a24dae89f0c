//! The schemas of Kubernetes, strict: a field that does not exist is refused.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::cluster::{Cluster, entries, items, title};
use crate::helm::tools;

/// From the oldest that the chart allows.
const VERSIONS: [&str; 4] = ["1.30", "1.32", "1.34", "1.37"];

/// Names the folder with the schemas of custom resources, GROUP/KIND_VERSION.json.
const CUSTOM: &str = "CUSTOM_RESOURCE_SCHEMAS";

/// The definitions of one version.
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
        let folders = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}: `cargo xtask test` installs it", folder.display()));
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
        let mut all = entries(&self.definitions);
        let (name, _) = all.find(|(_, definition)| is_it(definition))?;
        let mut needed = Map::new();
        self.add(name, &mut needed);
        let schema = json!({ "$ref": format!("#/$defs/{name}"), "$defs": needed });
        Some(jsonschema::validator_for(&schema).unwrap())
    }

    /// Adds a definition and all that it refers to.
    fn add(&self, name: &str, needed: &mut Map<String, Value>) {
        if needed.contains_key(name) {
            return;
        }
        let definition = &self.definitions[name];
        needed.insert(name.to_owned(), definition.clone());
        let mut referred = Vec::new();
        references(definition, &mut referred);
        for name in referred {
            self.add(name, needed);
        }
    }
}

/// The definitions that a schema refers to.
fn references<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    let reference = schema["$ref"].as_str();
    found.extend(reference.and_then(|reference| reference.strip_prefix("#/$defs/")));
    for inner in items(schema)
        .iter()
        .chain(entries(schema).map(|(_, value)| value))
    {
        references(inner, found);
    }
}

fn custom_folder() -> Option<PathBuf> {
    env::var_os(CUSTOM)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

/// The validator of a custom resource, where its schema is at hand.
fn custom(folder: &Path, group: &str, version: &str, kind: &str) -> Option<Validator> {
    let file = folder
        .join(group)
        .join(format!("{}_{version}.json", kind.to_lowercase()));
    let text = fs::read_to_string(file).ok()?;
    Some(jsonschema::validator_for(&strict(serde_json::from_str(&text).unwrap())).unwrap())
}

/// Allows the three fields that every object has, and no others.
fn strict(mut schema: Value) -> Value {
    for (name, kind) in [
        ("apiVersion", "string"),
        ("kind", "string"),
        ("metadata", "object"),
    ] {
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
    for object in &cluster.objects {
        let of = split(object);
        let found = validators(of);
        let is_custom = of.0.contains('.') && !of.0.ends_with(".k8s.io") || of.0.starts_with("gateway.");
        let wanted = if is_custom { 1 } else { VERSIONS.len() };
        if found.is_empty() && is_custom {
            judgement.skipped.push(title(object));
        } else if found.len() < wanted {
            let what = format!("{}: no schema of {of:?} in every version", title(object));
            judgement.refused.push(what);
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

/// The validators of a kind, by version, made once.
type Validators = Arc<Vec<(&'static str, Validator)>>;

fn validators((group, version, kind): (&str, &str, &str)) -> Validators {
    static MADE: Mutex<BTreeMap<String, Validators>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    let found = made
        .entry(format!("{group}/{version}/{kind}"))
        .or_insert_with(|| {
            let own = versions().iter();
            let own = own.filter_map(|one| Some((one.name, one.validator(group, version, kind)?)));
            let custom = custom_folder().and_then(|folder| custom(&folder, group, version, kind));
            Arc::new(own.chain(custom.map(|validator| ("custom", validator))).collect())
        });
    Arc::clone(found)
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
    Some(
        names
            .filter_map(|one| Some(one["name"].as_str()?.to_owned()))
            .collect(),
    )
}
