//! The rules about who may know whom, and about what is let in, over `cargo metadata`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure here fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use spdx::{Expression, ParseMode};

const SERVICES: [&str; 5] = ["console", "intake", "portal", "status", "worker"];

/// The crates of `dev/`, which never ship.
const DEVELOPMENT: [&str; 5] = [
    "sportello-containers",
    "sportello-faults",
    "sportello-people",
    "sportello-stack",
    "sportello-testkit",
];

/// What may be used in a work under EUPL-1.2: permissive licences, and weak copyleft that stays in
/// its file. The same list is in deny.toml.
const LICENCES: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "EUPL-1.2",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// GPL (actix-governor), or known to be wrong for this project: see deny.toml.
const BANNED: [&str; 3] = ["actix-governor", "codice_fiscale", "jwks_client_rs"];

struct Graph {
    metadata: Metadata,
}

impl Graph {
    fn read() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        Self {
            metadata: MetadataCommand::new().manifest_path(manifest).exec().unwrap(),
        }
    }

    fn own(&self) -> impl Iterator<Item = &Package> {
        self.metadata
            .packages
            .iter()
            .filter(|package| package.source.is_none())
    }

    /// Everything that ends up in a build of this package of ours; dev-dependencies do not.
    fn built_with(&self, name: &str) -> BTreeSet<&str> {
        let root = self
            .own()
            .find(|package| package.name == name)
            .unwrap_or_else(|| panic!("no package {name}"));
        let nodes: BTreeMap<&PackageId, _> = self
            .metadata
            .resolve
            .as_ref()
            .unwrap()
            .nodes
            .iter()
            .map(|node| (&node.id, node))
            .collect();
        let mut seen = BTreeSet::from([&root.id]);
        let mut to_visit = vec![&root.id];
        while let Some(id) = to_visit.pop() {
            for dependency in &nodes[id].deps {
                let built = dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind != DependencyKind::Development);
                if built && seen.insert(&dependency.pkg) {
                    to_visit.push(&dependency.pkg);
                }
            }
        }
        seen.remove(&root.id);
        seen.into_iter()
            .map(|id| self.metadata[id].name.as_str())
            .collect()
    }

    fn assert_never(&self, name: &str, forbidden: &[&str]) {
        let built_with = self.built_with(name);
        let found: Vec<_> = forbidden
            .iter()
            .filter(|other| built_with.contains(**other))
            .collect();
        assert!(
            found.is_empty(),
            "{name} must not depend on {found:?}, not even through another crate"
        );
    }
}

#[test]
fn services_never_depend_on_each_other() {
    let graph = Graph::read();
    for service in SERVICES {
        let others: Vec<&str> = SERVICES.into_iter().filter(|other| *other != service).collect();
        graph.assert_never(service, &others);
    }
}

#[test]
fn intake_has_no_path_to_the_database() {
    Graph::read().assert_never(
        "intake",
        &["sportello-store", "sqlx", "sqlx-core", "tokio-postgres"],
    );
}

#[test]
fn status_has_no_path_to_the_broker() {
    Graph::read().assert_never("status", &["sportello-queue", "lapin"]);
}

#[test]
fn the_portal_has_no_path_to_broker_or_database() {
    let forbidden = ["sportello-queue", "sportello-store", "lapin", "sqlx", "sqlx-core"];
    Graph::read().assert_never("portal", &forbidden);
}

#[test]
fn the_domain_does_no_input_or_output() {
    let forbidden = ["tokio", "actix-web", "sqlx", "lapin", "reqwest", "hyper"];
    Graph::read().assert_never("sportello-domain", &forbidden);
}

#[test]
fn the_catalogue_knows_neither_queue_nor_database() {
    let forbidden = [
        "sportello-queue",
        "sportello-store",
        "lapin",
        "sqlx",
        "reqwest",
        "actix-web",
    ];
    Graph::read().assert_never("sportello-catalogue", &forbidden);
}

#[test]
fn the_spool_knows_neither_queue_nor_edge() {
    let forbidden = [
        "sportello-queue",
        "sportello-http",
        "sportello-domain",
        "sportello-store",
        "lapin",
        "actix-web",
        "sqlx",
    ];
    Graph::read().assert_never("sportello-spool", &forbidden);
}

#[test]
fn queue_and_store_meet_only_in_services() {
    let graph = Graph::read();
    graph.assert_never("sportello-queue", &["sportello-store"]);
    graph.assert_never("sportello-store", &["sportello-queue"]);
    let shared = |package: &&Package| package.manifest_path.as_str().contains("/shared/");
    let meets = |package: &&Package| {
        let built_with = graph.built_with(package.name.as_str());
        built_with.contains("sportello-queue") && built_with.contains("sportello-store")
    };
    let meeting = graph.own().filter(shared).filter(meets);
    let meeting: Vec<&str> = meeting.map(|package| package.name.as_str()).collect();
    // what the console does with dead letters
    assert_eq!(meeting, ["sportello-dead-letters"]);
}

#[test]
fn what_tests_use_is_in_no_program() {
    let graph = Graph::read();
    let ships = |package: &&Package| {
        let manifest = package.manifest_path.as_str();
        manifest.contains("/shared/") || manifest.contains("/services/")
    };
    let shipped: Vec<&str> = graph
        .own()
        .filter(ships)
        .map(|package| package.name.as_str())
        .collect();
    assert!(
        SERVICES.iter().all(|service| shipped.contains(service)),
        "{shipped:?}"
    );
    for package in shipped {
        graph.assert_never(package, &DEVELOPMENT);
    }
}

/// The files under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// The names that follow `crate::` in a source text, without its comments and unit tests.
fn from_crate(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let code: Vec<&str> = (text.lines())
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n");
    let name = |path: &str| {
        let path = path.trim_start().chars();
        path.take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = BTreeSet::new();
    for path in code.split("crate::").skip(1) {
        match path.strip_prefix('{') {
            Some(several) => names.extend(several.split('}').next().unwrap().split(',').map(name)),
            None => _ = names.insert(name(path)),
        }
    }
    names
}

/// The names that each top-level module of a crate uses of the crate, by module. A name that the
/// crate exports again at its root hides the module that it comes from.
fn modules(source: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files(source) {
        let inside = file.strip_prefix(source).unwrap();
        let is_code = file.extension().is_some_and(|ending| ending == "rs") && !file.ends_with("tests.rs");
        if is_code {
            let top = Path::new(inside.iter().next().unwrap()).with_extension("");
            let uses = modules.entry(top.display().to_string()).or_default();
            uses.extend(from_crate(&fs::read_to_string(&file).unwrap()));
        }
    }
    modules
}

#[test]
fn no_two_modules_of_a_crate_import_each_other() {
    let graph = Graph::read();
    let mut circles = Vec::new();
    for package in graph.own() {
        let modules = modules(package.manifest_path.with_file_name("src").as_std_path());
        let imports = |one: &String, other: &String| modules[one].contains(other);
        for one in modules.keys() {
            let later = modules.keys().filter(|other| *other > one);
            let mutual = later.filter(|other| imports(one, other) && imports(other, one));
            circles.extend(mutual.map(|other| format!("{}: {one} and {other}", package.name)));
        }
    }
    assert_eq!(circles, [""; 0], "move what both use to where both may look");
}

#[test]
fn every_dependency_has_a_licence_that_fits_and_none_is_banned() {
    let graph = Graph::read();
    let mut wrong = Vec::new();
    for package in &graph.metadata.packages {
        let licence = package.license.as_deref().unwrap_or_default();
        let expression = Expression::parse_mode(licence, ParseMode::LAX);
        let fits = expression.is_ok_and(|expression| {
            expression.evaluate(|requirement| {
                requirement
                    .license
                    .id()
                    .is_some_and(|id| LICENCES.contains(&id.name))
            })
        });
        if !fits || BANNED.contains(&package.name.as_str()) {
            wrong.push(format!("{} {} ({licence})", package.name, package.version));
        }
    }
    assert!(wrong.is_empty(), "not allowed here: {wrong:#?}");
}

#[test]
fn dependencies_come_from_crates_io_alone() {
    let graph = Graph::read();
    let elsewhere: Vec<_> = (graph.metadata.packages.iter())
        .filter(|package| {
            package
                .source
                .as_ref()
                .is_some_and(|source| !source.is_crates_io())
        })
        .map(|package| &package.name)
        .collect();
    assert!(elsewhere.is_empty(), "not from crates.io: {elsewhere:?}");
}

#[test]
fn no_tracked_file_names_the_folder_of_the_checkout() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        listed.status.success(),
        "this test asks git which files are tracked, so it needs a git checkout"
    );
    let listed = String::from_utf8(listed.stdout).unwrap();
    let files: Vec<&str> = listed.split_terminator('\0').collect();

    // with something of ours after it: the checkout itself may be in a folder as common as /src
    let tops: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.split('/').next())
        .chain(["target"])
        .collect();
    let paths: Vec<String> = tops
        .iter()
        .map(|top| root.join(top).display().to_string())
        .collect();
    let names_it = |file: &&&str| {
        let bytes = fs::read(root.join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        paths.iter().any(|path| text.contains(path))
    };
    let guilty: Vec<_> = files.iter().filter(names_it).collect();
    assert!(
        guilty.is_empty(),
        "these name the folder of this checkout: {guilty:?}"
    );
}
